/** The words of the language: kinds of steps, fields, names that no id may have. */
export const STEP_KINDS = [
  "agent",
  "llm",
  "tool",
  "http",
  "transform",
  "code",
  "switch",
  "loop",
  "approval",
  "wait",
  "workflow",
  "emit",
  "stop",
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const RESERVED: ReadonlySet<string> = new Set([
  "in",
  "true",
  "false",
  "null",
  "has",
  "all",
  "exists",
  "filter",
  "map",
  "default",
  "inputs",
  "steps",
  "run",
  "trigger",
  "secrets",
  "error",
  "previous",
  "index",
]);

export const BUILT_IN_AGENTS = ["research", "analysis", "implementation", "qa"] as const;

const ID = /^[a-z][a-z0-9_]{0,62}$/;

/** Whether a text has the form of an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

export function isStepKind(text: string): text is StepKind {
  return (STEP_KINDS as readonly string[]).includes(text);
}
