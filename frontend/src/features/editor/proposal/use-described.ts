/** A wish that came along with a new workflow. */
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { describedIn } from "./described";

/** What somebody wrote when they made the workflow; it is asked once, whatever is loaded again. */
export function useDescribed(): string | undefined {
  const { state, pathname } = useLocation();
  const navigate = useNavigate();
  const [described] = useState(() => describedIn(state));
  useEffect(() => {
    if (describedIn(state)) void navigate(pathname, { replace: true, state: null });
  }, [state, pathname, navigate]);
  return described;
}

export function useOnce(isWanted: boolean, act: () => void): void {
  const isDone = useRef(false);
  useEffect(() => {
    if (!isWanted || isDone.current) return;
    isDone.current = true;
    act();
  });
}
