import { type IssuedToken, keepToken } from "@/api/access-token";
import { api } from "@/api/api";
import { signedIn } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";

/** Begin with a session that the server has opened; answers what went wrong, nothing when somebody is in. */
export function useEnter(): (session: IssuedToken) => Promise<Problem | undefined> {
  const readMe = useReadMe();
  return (session) => {
    keepToken(session);
    return readMe();
  };
}

/** Find out who the session belongs to, and draw the pages for them. */
export function useReadMe(): () => Promise<Problem | undefined> {
  const dispatch = useAppDispatch();
  return async () => {
    const me = await dispatch(api.endpoints.describeMe.initiate(undefined, { forceRefetch: true }));
    if (!me.data) return isProblem(me.error) ? me.error : unanswered();
    dispatch(signedIn(me.data));
    return undefined;
  };
}
