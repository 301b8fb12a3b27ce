/** All messages of a conversation, page after page; while an answer is on its way, they are read again. */
import { useEffect, useState } from "react";
import { type Message, useLazyListMessagesQuery, useListMessagesQuery } from "@/api/generated";

const EVERY_MS = 4_000;
const PAGE = 200;
const NONE: Message[] = [];

export function useMessages(conversationId: string) {
  const [isBusy, setIsBusy] = useState(false);
  const first = useListMessagesQuery(
    { conversationId, limit: PAGE },
    { pollingInterval: isBusy ? EVERY_MS : 0, refetchOnMountOrArgChange: true },
  );
  const [readPage] = useLazyListMessagesQuery();
  const [rest, setRest] = useState(NONE);
  const { data, fulfilledTimeStamp } = first;
  // What is new stands on the last page, and the first may have been read again without being another.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading of the first page is one of all
  useEffect(() => {
    let isCurrent = true;
    const readRest = async () => {
      const found: Message[] = [];
      let cursor = data?.next_cursor;
      while (cursor && isCurrent) {
        const page = await readPage({ conversationId, limit: PAGE, cursor }).unwrap();
        found.push(...page.items);
        cursor = page.next_cursor;
      }
      if (isCurrent) setRest((known) => (found.length === 0 && known.length === 0 ? known : found));
    };
    void readRest();
    return () => {
      isCurrent = false;
    };
  }, [data, fulfilledTimeStamp, conversationId, readPage]);
  const messages = data && [...data.items, ...rest];
  const busy = messages?.some(({ status }) => status === "running" || status === "queued") ?? false;
  if (busy !== isBusy) setIsBusy(busy);
  return {
    messages,
    error: first.error,
    isLoading: first.isLoading,
    refetch: () => void first.refetch(),
  };
}
