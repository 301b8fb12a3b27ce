import { useEffect, useRef } from "react";
import { renewToken } from "@/api/access-token";
import { useReadMe } from "./use-enter";

/** Go on here when somebody comes back from another tab in which they have signed in: the cookie is the same. */
export function useSignInElsewhere(): void {
  const readMe = useRef(useReadMe());
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      if ((await renewToken()) === "renewed") await readMe.current();
    };
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
    };
  }, []);
}
