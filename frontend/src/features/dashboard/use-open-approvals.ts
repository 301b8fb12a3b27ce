/** The approvals that wait, as the start page lists them. */
import { useSelector } from "react-redux";
import { useListApprovalsQuery } from "@/api/generated";
import { type SessionState, selectMay } from "@/api/session-slice";

/** How many lines a list of the start page has. */
export const MOST = 5;

export function useOpenApprovals() {
  const may = useSelector((state: { session: SessionState }) => selectMay(state, "approvals:read"));
  const { data, isError } = useListApprovalsQuery({ status: "open", limit: MOST }, { skip: !may });
  return { may, items: data?.items, isError };
}
