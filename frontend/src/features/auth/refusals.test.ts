/** What is said to whom is not let in. */
import { expect, it } from "vitest";
import { problemFrom, unanswered } from "@/shared/lib/problem";
import {
  CODE_WANTED,
  isLinkRefused,
  isLinkToken,
  passwordFaultKey,
  providerRefusalKey,
  refusalKey,
  WRONG_CODE,
  wantsCode,
} from "./refusals";

const of = (status: number, type: string) => problemFrom(status, { type });

it("asks for a code without calling it a refusal", () => {
  expect(wantsCode(of(401, CODE_WANTED))).toBe(true);
  expect(refusalKey(of(401, CODE_WANTED))).toBeUndefined();
  expect(refusalKey(of(401, WRONG_CODE))).toBe("code.refused");
});

it.each([
  [401, "refused"],
  [422, "refused"],
  [429, "too_often"],
  [503, "unreachable"],
])("says the same of every refusal with status %i", (status, key) => {
  expect(refusalKey(of(status, "/problems/anything"))).toBe(key);
});

it("tells a server that is away from one that refuses", () => {
  expect(refusalKey(unanswered())).toBe("unreachable");
  expect(isLinkRefused(unanswered())).toBe(false);
  expect(isLinkRefused(of(404, "/problems/reset-link-not-found"))).toBe(true);
  expect(isLinkRefused(of(422, "/problems/invalid-request"))).toBe(true);
});

it("names what a provider refused, and nothing where nobody was refused", () => {
  expect(providerRefusalKey(null)).toBeUndefined();
  expect(providerRefusalKey("no-membership")).toBe("provider.no_membership");
  expect(providerRefusalKey("<script>")).toBe("provider.refused");
  expect(providerRefusalKey("constructor")).toBe("provider.refused");
});

it("says why a password is not taken, in words of ours", () => {
  const fault = (code: string) =>
    problemFrom(422, { errors: [{ path: "password", code, message: "..." }] });
  expect(passwordFaultKey(fault("easy_to_guess"))).toBe("password_fault.easy_to_guess");
  expect(passwordFaultKey(fault("new_rule"))).toBe("password_fault.other");
  expect(passwordFaultKey(of(422, "/problems/invalid-request"))).toBeUndefined();
  expect(isLinkRefused(fault("easy_to_guess"))).toBe(false);
});

it.each([
  ["", false],
  ["short", false],
  ["a".repeat(43), true],
  [`${"a".repeat(20)}<`, false],
])("takes %j for the secret of a link: %s", (token, is) => {
  expect(isLinkToken(token)).toBe(is);
});
