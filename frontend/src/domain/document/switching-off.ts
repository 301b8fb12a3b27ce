/** Steps that are switched off: their condition becomes one that is never met, and what was written stays in it. */
import { scanTemplate } from "../expressions/templates";
import type { JsonObject } from "../expressions/values";
import type { Operation } from "./operations";
import type { Step, Workflow } from "./workflow";

const OFF = /^\$\{\s*false(?:\s*&&\s*\(([\s\S]*)\))?\s*\}$/;

export function isOff({ if: condition }: JsonObject): boolean {
  return typeof condition === "string" && OFF.test(condition);
}

/** Return what switches a step off, or on again with the condition that it had. */
export function switchOperation({ path, data }: Step, off: boolean): Operation | undefined {
  if (isOff(data) === off) return undefined;
  const field = `${path}.if`;
  const written = typeof data.if === "string" ? data.if : "";
  if (!off) {
    const kept = OFF.exec(written)?.[1];
    return kept === undefined
      ? { op: "remove_field", path: field }
      : { op: "set_field", path: field, value: `\${${kept}}` };
  }
  return {
    op: "set_field",
    path: field,
    value: isOneExpression(written) ? inside(written) : "${false}",
  };
}

function isOneExpression(text: string): boolean {
  const { parts, errors } = scanTemplate(text);
  return errors.length === 0 && parts.length === 1 && typeof parts[0] !== "string";
}

function inside(written: string): string {
  return `\${false && (${written.slice(2, -1).trim()})}`;
}

/** Return the ids of the steps that do not run because those do not: what they pass on ends there. */
export function skippedWith(workflow: Workflow, paths: readonly string[]): string[] {
  const skipped = new Set(paths);
  for (const path of skipped) {
    for (const { source, target, type } of workflow.edges) {
      const next = workflow.byPath.get(target);
      if (source === path && type !== "wait" && next?.data.join !== "any") skipped.add(target);
    }
  }
  return [...skipped]
    .filter((path) => !paths.includes(path))
    .map((path) => workflow.byPath.get(path)?.id ?? path);
}
