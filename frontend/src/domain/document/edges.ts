/** Which steps a step waits for: the edges of `flowloom/v1` section 3.1, from what is written alone. */
import { isWait, references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import { templateSites } from "./template-sites";

export type EdgeType = "need" | "wait" | "switch";
/** `wait` edges only order; `need` and `switch` edges decide whether the step runs. */
export interface StepEdge {
  source: string;
  type: EdgeType;
}
/** A step that another one refers to; `isWait`: it may end in any way. */
interface Use {
  step: string;
  isWait: boolean;
}

/** Return the edges of the steps that stand beside each other, by id; only to each other. */
export function edgesOfBlock(steps: JsonObject): Map<string, StepEdge[]> {
  const naming = switchesByTarget(steps);
  return new Map(
    Object.entries(steps).map(([id, step]) => {
      const uses = isMap(step) ? [...usesOf(step, id)] : [];
      return [id, merged(step, steps, naming.get(id) ?? [], uses)];
    }),
  );
}

/** Give every step outside of it that a step refers to, itself or through a step inside it. */
function* usesOf(step: JsonObject, id: string | undefined): Generator<Use> {
  const isAny = step.join === "any";
  const inner = innerSteps(step, "do");
  const recovery = innerSteps(step, "on_error", "do");
  const hidden = { own: {}, inner, recovery };
  for (const site of templateSites(step)) {
    const isWaiting = isAny || site.role === "recovery";
    const isOutside = (use: Use) =>
      !(use.step in hidden[site.role]) && (site.role === "own" || use.step !== id);
    for (const use of usesOfText(site.text).filter(isOutside)) {
      yield { step: use.step, isWait: use.isWait || isWaiting };
    }
  }
  yield* usesOfInner(inner, id, isAny);
  yield* usesOfInner(recovery, id, true);
  if (isMap(step.undo)) {
    for (const use of usesOf(step.undo, undefined)) {
      if (use.step !== id) yield { step: use.step, isWait: true };
    }
  }
}

function* usesOfInner(
  block: JsonObject,
  id: string | undefined,
  isWaiting: boolean,
): Generator<Use> {
  for (const [innerId, step] of Object.entries(block)) {
    if (!isMap(step)) continue;
    for (const use of usesOf(step, innerId)) {
      if (!(use.step in block) && use.step !== id) {
        yield { step: use.step, isWait: use.isWait || isWaiting };
      }
    }
  }
}

function usesOfText(text: string): Use[] {
  return expressionsOf(text).flatMap((expression) =>
    references(expression).flatMap((reference) => {
      const step = stepOf(reference);
      return step === undefined ? [] : [{ step, isWait: isWait(reference) }];
    }),
  );
}

/** Return the steps written at a path inside a step, none if there is something else. */
export function innerSteps(step: JsonObject, ...path: string[]): JsonObject {
  let found: JsonValue = step;
  for (const part of path) found = isMap(found) ? (found[part] ?? null) : null;
  return isMap(found) ? found : {};
}

/** Return the steps a switch names, each with the positions of the cases that name it. */
export function casesByTarget(step: JsonObject): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const cases = Array.isArray(step.switch) ? step.switch : [];
  for (const [position, one] of cases.entries()) {
    const written = isMap(one) ? (one.then ?? one.else) : undefined;
    for (const target of Array.isArray(written) ? written : [written]) {
      if (typeof target === "string") found.set(target, [...(found.get(target) ?? []), position]);
    }
  }
  return found;
}

function switchesByTarget(steps: JsonObject): Map<string, string[]> {
  const naming = new Map<string, string[]>();
  for (const [id, step] of Object.entries(steps)) {
    if (!isMap(step)) continue;
    for (const target of casesByTarget(step).keys())
      naming.set(target, [...(naming.get(target) ?? []), id]);
  }
  return naming;
}

/** Switch before need before wait, where one source has several. */
function merged(step: JsonValue, steps: JsonObject, switches: string[], uses: Use[]): StepEdge[] {
  const edges = new Map<string, StepEdge>(
    switches.map((source) => [source, { source, type: "switch" }]),
  );
  const needs = isMap(step) && Array.isArray(step.needs) ? step.needs : [];
  for (const source of needs) {
    if (typeof source === "string" && source in steps && !edges.has(source)) {
      edges.set(source, { source, type: "need" });
    }
  }
  for (const use of uses) {
    if (!(use.step in steps)) continue;
    const known = edges.get(use.step);
    if (!known || (known.type === "wait" && !use.isWait)) {
      edges.set(use.step, { source: use.step, type: use.isWait ? "wait" : "need" });
    }
  }
  return [...edges.values()];
}
