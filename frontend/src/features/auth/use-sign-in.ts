import { useEffect, useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useLogInMutation } from "@/api/generated";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";
import { WRONG_CODE, wantsCode } from "./refusals";
import { useEnter } from "./use-enter";

export interface SignInFields {
  email: string;
  password: string;
  code: string;
}

/** Signs in; the password waits here while its code is asked for. */
export function useSignIn(form: UseFormReturn<SignInFields>, onSignedIn: () => void) {
  const [logIn] = useLogInMutation();
  const enter = useEnter();
  const [problem, setProblem] = useState<Problem>();
  const [isCodeWanted, setIsCodeWanted] = useState(false);
  // Another code is typed into the same field, which has the focus again.
  useEffect(() => {
    if (problem?.type === WRONG_CODE) form.setFocus("code");
  }, [problem, form]);

  const signIn = async ({ email, password, code }: SignInFields) => {
    const totp = isCodeWanted ? code.trim() : null;
    const session = await logIn({ logIn: totp ? { email, password, totp } : { email, password } });
    const found = session.data ? await enter(session.data) : refusalOf(session.error);
    if (!found) return onSignedIn();
    form.setValue("code", "");
    // A password that no longer holds is asked for again; what is merely out of reach leaves the form as it is.
    if (wantsCode(found)) setIsCodeWanted(true);
    else if (found.status === 401) setIsCodeWanted(false);
    setProblem(found);
  };
  const begin = () => {
    form.reset({ email: form.getValues("email"), password: "", code: "" });
    setProblem(undefined);
    setIsCodeWanted(false);
  };
  return { signIn, problem, isCodeWanted, begin };
}

function refusalOf(error: unknown): Problem {
  return isProblem(error) ? error : unanswered();
}
