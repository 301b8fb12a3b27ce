/** The approvals that wait, as the start page lists them. */
import { useListApprovalsQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";

/** How many lines a list of the start page has. */
export const MOST = 5;

export function useOpenApprovals() {
  const may = useMay("approvals:read");
  const { data, isError } = useListApprovalsQuery({ status: "open", limit: MOST }, { skip: !may });
  return { may, items: data?.items, isError };
}
