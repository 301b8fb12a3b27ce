import { useSelector } from "react-redux";
import { forgetToken } from "@/api/access-token";
import { api } from "@/api/api";
import { leftByChoice, selectSession, signedIn } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";

/** Who is signed in, and what follows when they change what they are. */
export function useMe() {
  const { me } = useSelector(selectSession);
  const dispatch = useAppDispatch();
  /** Ask again what they may, after their own role changed. */
  const renew = async () => {
    const found = await dispatch(
      api.endpoints.describeMe.initiate(undefined, { forceRefetch: true }),
    );
    if (found.data) dispatch(signedIn(found.data));
  };
  /** Forget them; the shell leads to the sign-in. */
  const leave = () => {
    dispatch(leftByChoice());
    forgetToken();
    dispatch(api.util.resetApiState());
  };
  return { me, renew, leave };
}
