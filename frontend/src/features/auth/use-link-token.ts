import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** The secret of a mailed link: kept by this page alone, and taken out of the address, which the browser remembers. */
export function useLinkToken(): string {
  const { hash, pathname } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => hash.slice(1));
  useEffect(() => {
    if (!hash) return;
    setToken(hash.slice(1));
    void navigate(pathname, { replace: true });
  }, [hash, pathname, navigate]);
  return token;
}
