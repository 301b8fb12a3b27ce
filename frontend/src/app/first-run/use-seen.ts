/** What somebody has been shown once, on any of their machines, and is not shown again. */
import { useSelector } from "react-redux";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";

export function useSeen(hint: string): [isSeen: boolean, see: () => void] {
  const { seen } = useSelector(selectPrefs);
  const dispatch = useAppDispatch();
  const isSeen = seen.includes(hint);
  return [isSeen, () => isSeen || dispatch(prefsChanged({ seen: [...seen, hint] }))];
}
