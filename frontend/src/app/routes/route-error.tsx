import { useEffect } from "react";
import { useRouteError } from "react-router";
import { ErrorState } from "@/shared/ui/error-state";

const RELOADED = "flowloom.reloaded";

/** A page that broke. A file that is gone after a new release is fetched by one guarded reload. */
export function RouteError() {
  const error = useRouteError();
  const isMissingFile = error instanceof TypeError && /import|module/i.test(error.message);
  useEffect(() => {
    if (!isMissingFile || sessionStorage.getItem(RELOADED) === location.pathname) return;
    sessionStorage.setItem(RELOADED, location.pathname);
    location.reload();
  }, [isMissingFile]);
  return <ErrorState error={error} onRetry={() => location.reload()} />;
}
