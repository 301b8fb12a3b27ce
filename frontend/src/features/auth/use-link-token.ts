import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";
import { isRecord } from "@/shared/lib/problem";

/**
 * The secret of a mailed link: taken out of the address, which the browser remembers and shows, and kept with this one
 * entry of the tab's history, so that the page can be read again.
 */
export function useLinkToken(): string {
  const { hash, pathname, state } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (hash) void navigate(pathname, { replace: true, state: { token: hash.slice(1) } });
  }, [hash, pathname, navigate]);
  if (hash) return hash.slice(1);
  return isRecord(state) && typeof state.token === "string" ? state.token : "";
}
