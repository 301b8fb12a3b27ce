import { useEffect, useState } from "react";
import { useRouteError } from "react-router";
import { unanswered } from "@/shared/lib/problem";
import { aMomentOrOnline, isReachable } from "@/shared/lib/reachable";
import { ErrorState } from "@/shared/ui/error-state";

const RELOADED = "flowloom.reloaded";
/** As the browsers and the loader of styles say it. */
const MISSING = /dynamically imported module|Importing a module|Unable to preload/i;

/**
 * A page that broke. A file that is gone after a new release is fetched by one guarded reload; without a network there
 * is none, as it would end at the browser's own page of failure.
 */
export function RouteError() {
  const error = useRouteError();
  const isMissingFile = error instanceof Error && MISSING.test(error.message);
  const isAway = useReloading(isMissingFile);
  return (
    <ErrorState
      error={isAway ? unanswered() : error}
      onRetry={async () => {
        if (!isMissingFile || (await isReachable())) location.reload();
      }}
    />
  );
}

/** Load the page anew, once, as soon as somebody answers; return whether nobody does. */
function useReloading(isWanted: boolean): boolean {
  const [isAway, setIsAway] = useState(false);
  useEffect(() => {
    if (!isWanted) return;
    let isStale = false;
    void (async () => {
      let wasAway = false;
      while (!isStale && !(await isReachable())) {
        wasAway = true;
        setIsAway(true);
        await aMomentOrOnline();
      }
      // What was only out of reach is no loop of reloads.
      const isTried = !wasAway && sessionStorage.getItem(RELOADED) === location.pathname;
      if (isStale || isTried) return;
      if (!wasAway) sessionStorage.setItem(RELOADED, location.pathname);
      location.reload();
    })();
    return () => {
      isStale = true;
    };
  }, [isWanted]);
  return isAway;
}
