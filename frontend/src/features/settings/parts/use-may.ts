import { useSelector } from "react-redux";
import { selectMay } from "@/api/session-slice";

/** Whether who is signed in may do something here; the server decides, this only says why not. */
export function useMay(permission: string): boolean {
  return useSelector((state: Parameters<typeof selectMay>[0]) => selectMay(state, permission));
}
