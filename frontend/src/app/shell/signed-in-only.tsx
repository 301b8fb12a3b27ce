import { Suspense, useEffect, useState } from "react";
import { useSelector } from "react-redux";
import { Navigate, Outlet, useLocation } from "react-router";
import { renewToken } from "@/api/access-token";
import { api } from "@/api/api";
import { signedOut } from "@/api/session-events";
import { selectSession, signedIn } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { late } from "@/shared/lib/late";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";

const SignInDialog = late(() => import("@/features/auth/sign-in-dialog"));

/** Lets people in who have a session, and brings others back here once they have signed in. */
export function SignedInOnly() {
  const { status } = useSelector(selectSession);
  const { pathname, search } = useLocation();
  const { error, retry } = useSession(status === "unknown");
  if (status === "unknown")
    return error ? <ErrorState error={error} onRetry={retry} /> : <LoadingPage />;
  if (status === "signed_out") {
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return (
    <>
      <Outlet />
      {status === "expired" && (
        <Suspense>
          <SignInDialog />
        </Suspense>
      )}
    </>
  );
}

/** Find out by the refresh cookie who is here; a server that does not answer is no reason to sign anybody out. */
function useSession(isUnknown: boolean): { error: Problem | undefined; retry: () => void } {
  const dispatch = useAppDispatch();
  const [tries, setTries] = useState(0);
  const [error, setError] = useState<Problem>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is one more run
  useEffect(() => {
    if (!isUnknown) return;
    setError(undefined);
    void (async () => {
      const renewed = await renewToken();
      if (renewed === "signed_out") {
        dispatch(signedOut());
        return;
      }
      const me = await dispatch(
        api.endpoints.describeMe.initiate(undefined, { forceRefetch: true }),
      );
      if (me.data) dispatch(signedIn(me.data));
      else setError(isProblem(me.error) ? me.error : unanswered());
    })();
  }, [isUnknown, tries, dispatch]);
  return { error, retry: () => setTries(tries + 1) };
}
