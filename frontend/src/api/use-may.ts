import { useSelector } from "react-redux";
import { type SessionState, selectMay } from "./session-slice";

/** Whether who is signed in may do something here; the server decides, this only says why not. */
export function useMay(permission: string): boolean {
  return useSelector((state: { session: SessionState }) => selectMay(state, permission));
}
