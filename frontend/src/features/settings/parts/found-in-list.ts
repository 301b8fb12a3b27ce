/** What is saved now of one thing in a list, for a form over it: somebody else may have been faster. */
import type { Found } from "@/shared/hooks/use-merging";

interface Read<One> {
  unwrap: () => Promise<{ items: One[] }>;
}

/** Read a list again; undefined when it cannot be read. */
export async function foundInList<One>(
  read: () => Read<One>,
  isMeant: (one: One) => boolean,
): Promise<Found<One | undefined> | undefined> {
  const data = await read()
    .unwrap()
    .catch(() => undefined);
  const known = data?.items.find(isMeant);
  return data && { known, isGone: !known };
}
