import { useState } from "react";
import { useNavigate } from "react-router";
import { forgetToken } from "@/api/access-token";
import {
  useAcceptInvitationAsNewMutation,
  useAcceptInvitationMutation,
  useLogOutMutation,
  useSwitchWorkspaceMutation,
} from "@/api/generated";
import { leftByChoice } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";
import { isLinkRefused } from "./refusals";
import { useEnter } from "./use-enter";

export const ADDRESS_TAKEN = "/problems/address-taken";

/** Takes an invitation up and goes to work in its workspace. */
export function useJoin(token: string, onRefused: (problem: Problem) => void) {
  const navigate = useNavigate();
  const dispatch = useAppDispatch();
  const enter = useEnter();
  const [accept] = useAcceptInvitationMutation();
  const [acceptAsNew] = useAcceptInvitationAsNewMutation();
  const [switchTo] = useSwitchWorkspaceMutation();
  const [logOut] = useLogOutMutation();
  const [problem, setProblem] = useState<Problem>();

  const fail = (error: unknown) => {
    const found = isProblem(error) ? error : unanswered();
    setProblem(found);
    if (found.type !== ADDRESS_TAKEN && isLinkRefused(found)) onRefused(found);
  };
  const join = async () => {
    const joined = await accept({ invitationToken: { token } });
    if (!joined.data) return fail(joined.error);
    // Whoever is a member but does not get there yet finds the workspace in their menu.
    const session = await switchTo({ workspaceId: joined.data.id });
    await navigate("/", { replace: true });
    if (session.data) await enter(session.data);
  };
  const makeAccount = async (password: string) => {
    const made = await acceptAsNew({ acceptInvitation: { token, password } });
    if (!made.data) return fail(made.error);
    await enter(made.data);
    await navigate("/", { replace: true });
  };
  const leave = async () => {
    await logOut();
    dispatch(leftByChoice());
    forgetToken();
  };
  return { problem, join, makeAccount, leave };
}
