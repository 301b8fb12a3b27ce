/** How many items wait for the person, for the navigation. */
import { useListApprovalsQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { usePerson } from "@/realtime/use-person";
import { MINE, MOST } from "./use-inbox";

const EVERY_MS = 20_000;

/** Return the number as it is shown, told or asked for, whichever is newer: empty for none, `100+` for more. */
export function useWaiting(): string {
  const may = useMay("approvals:read");
  const { isTold, approvals, at } = usePerson();
  const { data, fulfilledTimeStamp = 0 } = useListApprovalsQuery(MINE, {
    skip: !may,
    pollingInterval: isTold ? 0 : EVERY_MS,
    skipPollingIfUnfocused: true,
  });
  if (may && approvals !== null && at > fulfilledTimeStamp) {
    return approvals === 0 ? "" : `${approvals}${approvals < MOST ? "" : "+"}`;
  }
  if (!data || data.items.length === 0) return "";
  return `${data.items.length}${data.next_cursor ? "+" : ""}`;
}
