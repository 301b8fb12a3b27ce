/** What the person may do with evaluations; the server decides, this only keeps them from asking in vain. */
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";

export function useMay() {
  const { me } = useSelector(selectSession);
  const has = (permission: string) => me?.permissions.includes(permission) ?? false;
  return {
    /** Cases come from a dataset, and those are read like workflows. */
    start: has("runs:start") && has("workflows:read"),
    cancel: has("runs:cancel"),
    datasets: has("workflows:read"),
    write: has("workflows:write"),
  };
}
