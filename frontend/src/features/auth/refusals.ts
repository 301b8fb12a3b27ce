/** Which words say why somebody was not let in: as few as may be, so that they tell nothing about who exists. */
import type { Problem } from "@/shared/lib/problem";

export const CODE_WANTED = "/problems/second-factor-required";
export const WRONG_CODE = "/problems/wrong-code";

/** Whether a code is asked for beside the password. */
export function wantsCode(problem: Problem | undefined): boolean {
  return problem?.type === CODE_WANTED || problem?.type === WRONG_CODE;
}

/** Return the key of what is said about a failed sign-in; nothing where there is nothing to say. */
export function refusalKey(problem: Problem | undefined): string | undefined {
  if (!problem || problem.type === CODE_WANTED) return undefined;
  if (problem.type === WRONG_CODE) return "code.refused";
  return awayKey(problem) ?? "refused";
}

/** Return the key of a failure that has nothing to do with what was typed. */
export function awayKey({ status }: Problem): string | undefined {
  if (status === 429) return "too_often";
  return status === 0 || status >= 500 ? "unreachable" : undefined;
}

const PROVIDER_KEYS = new Map([
  ["no-membership", "provider.no_membership"],
  ["provider-unwell", "provider.unwell"],
  ["too-many-sign-ins", "too_often"],
]);

/** Return the key of what is said when a provider has sent somebody back; `name` is the end of a problem's type. */
export function providerRefusalKey(name: string | null): string | undefined {
  return name ? (PROVIDER_KEYS.get(name) ?? "provider.refused") : undefined;
}

const FAULTS = new Set(["too_short", "known_words", "easy_to_guess"]);

/** Return the key of why a new password is not taken; nothing when it is not about the password. */
export function passwordFaultKey(problem: Problem | undefined): string | undefined {
  const fault = problem?.errors.find(({ path }) => path.endsWith("password"));
  if (!fault) return undefined;
  return FAULTS.has(fault.code) ? `password_fault.${fault.code}` : "password_fault.other";
}

/** Whether a text can be the secret of a mailed link; others are not worth asking about. */
export function isLinkToken(token: string): boolean {
  return /^[\w-]{20,200}$/.test(token);
}

/** Whether it is the link that was refused, for whatever reason: used, taken back, expired, never made. */
export function isLinkRefused(problem: Problem | undefined): boolean {
  return problem !== undefined && !awayKey(problem) && !passwordFaultKey(problem);
}
