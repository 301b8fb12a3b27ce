import { useCallback, useEffect, useState } from "react";
import { useSelector } from "react-redux";
import { renewToken } from "@/api/access-token";
import { type InvitationSeen, useSeeInvitationMutation } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { isProblem, type Problem, problemFrom, unanswered } from "@/shared/lib/problem";
import { isLinkToken } from "./refusals";
import { useReadMe } from "./use-enter";

/** What a link invites to; read once it is known who is here, so that everything is drawn at once. */
export function useInvitation(token: string) {
  const [see] = useSeeInvitationMutation();
  const readMe = useReadMe();
  const { status } = useSelector(selectSession);
  const [seen, setSeen] = useState<InvitationSeen>();
  const [refusal, setRefusal] = useState<Problem>();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each token and each try is read once
  useEffect(() => {
    let isGone = false;
    setRefusal(undefined);
    void (async () => {
      if (status === "unknown" && (await renewToken()) === "renewed") await readMe();
      const found = isLinkToken(token)
        ? await see({ invitationToken: { token } })
        : { error: problemFrom(404, {}) };
      if (isGone) return;
      if (found.data) setSeen(found.data);
      else setRefusal(isProblem(found.error) ? found.error : unanswered());
    })();
    return () => {
      isGone = true;
    };
  }, [token, tries]);
  const retry = () => setTries(tries + 1);
  const refuse = useCallback((problem: Problem) => {
    setSeen(undefined);
    setRefusal(problem);
  }, []);
  return { seen, refusal, retry, refuse };
}
