import InlineApproval from "@/features/approvals/inline-approval";
import { DataForm } from "@/features/editor/inspector/data-form";

/** A question with the builder's forms. */
export default function AskInside({ approvalId }: { approvalId: string }) {
  return <InlineApproval approvalId={approvalId} Form={DataForm} />;
}
