/** Conversations, with the inbox's way to decide what their runs ask. */
import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { Ask } from "@/features/chat/ask";
import { ChatPage } from "@/features/chat/chat-page";
import { late } from "@/shared/lib/late";

const AskInside = late(() => import("../asking/ask-inside"));

const AskHere = ({ approvalId }: { approvalId: string }) => (
  <Suspense fallback={<Skeleton height={120} />}>
    <AskInside approvalId={approvalId} />
  </Suspense>
);

export default function Chat() {
  return (
    <Ask value={AskHere}>
      <ChatPage />
    </Ask>
  );
}
