/** What a model proposes for a workflow, read with suspicion and turned into the operations that people's edits are. */
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import type { Operation } from "./operations";
import { isId, RESERVED, STEP_KINDS } from "./words";
import type { Workflow } from "./workflow";

export interface ProposedStep {
  id: string;
  /** Nothing: the step is taken away. */
  step: JsonObject | undefined;
}

export interface Proposal {
  explanation: string;
  title: string | undefined;
  inputs: JsonObject;
  outputs: JsonObject;
  steps: ProposedStep[];
  /** How many changes could not be read as steps. */
  unusable: number;
}

/** Return what the output of the run says, nothing where it is no proposal. */
export function readProposal(value: JsonValue | undefined): Proposal | undefined {
  if (!isMap(value) || !Array.isArray(value.changes)) return undefined;
  const read = value.changes.map(readChange);
  // What is said of a step last is what counts.
  const steps = new Map(read.flatMap((one) => (one ? [[one.id, one] as const] : [])));
  return {
    explanation: typeof value.explanation === "string" ? value.explanation : "",
    title: typeof value.title === "string" && value.title.trim() ? value.title.trim() : undefined,
    inputs: mapOf(value.inputs),
    outputs: mapOf(value.outputs),
    steps: [...steps.values()],
    unusable: read.filter((one) => !one).length,
  };
}

function readChange(change: JsonValue): ProposedStep | undefined {
  if (!isMap(change) || typeof change.id !== "string") return undefined;
  const { id, action, step } = change;
  if (!isId(id) || RESERVED.has(id)) return undefined;
  if (action === "remove") return { id, step: undefined };
  return isMap(step) && STEP_KINDS.some((kind) => kind in step) ? { id, step } : undefined;
}

function mapOf(value: JsonValue | undefined): JsonObject {
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => isId(name)))
    : {};
}

/**
 * Return what carries the accepted steps of a proposal out. A step that is there keeps what the proposal says the same
 * of, with its comments. In a new workflow nothing stays that is not proposed.
 */
export function proposalOperations(
  workflow: Workflow,
  proposal: Proposal,
  accepted: ReadonlySet<string>,
  isNew: boolean,
): Operation[] {
  const here = isMap(workflow.data.steps) ? workflow.data.steps : {};
  const chosen = proposal.steps.filter(({ id }) => accepted.has(id));
  const kept = new Set(chosen.map(({ id }) => id));
  const stale = isNew && chosen.length > 0 ? Object.keys(here).filter((id) => !kept.has(id)) : [];
  return [
    ...stale.map((id): Operation => ({ op: "remove_step", path: `steps.${id}` })),
    ...chosen.flatMap(({ id, step }) => stepOperations(id, here[id], step)),
    ...partOperations(workflow.data, proposal, isNew),
  ];
}

function stepOperations(id: string, old: JsonValue | undefined, step?: JsonObject): Operation[] {
  const path = `steps.${id}`;
  if (!step) return old === undefined ? [] : [{ op: "remove_step", path }];
  if (!isMap(old)) return [{ op: "add_step", block: "steps", id, step }];
  return [
    ...Object.entries(step)
      .filter(([name, value]) => !isSame(old[name], value))
      .map(([name, value]): Operation => ({ op: "set_field", path: `${path}.${name}`, value })),
    ...Object.keys(old)
      .filter((name) => !(name in step))
      .map((name): Operation => ({ op: "remove_field", path: `${path}.${name}` })),
  ];
}

function partOperations(data: JsonObject, proposal: Proposal, isNew: boolean): Operation[] {
  return isNew && proposal.steps.length > 0 ? newParts(proposal) : moreParts(data, proposal);
}

function newParts({ title, inputs, outputs }: Proposal): Operation[] {
  const asked = { type: "object", properties: schemasIn(inputs) };
  return [
    ...(title ? [set("metadata.title", title)] : []),
    set("inputs", asked),
    set("outputs", outputs),
  ];
}

/** Inputs that are there stay as they are: people and triggers give them. */
function moreParts(data: JsonObject, { inputs, outputs }: Proposal): Operation[] {
  const asked = isMap(data.inputs) ? data.inputs : {};
  const known = isMap(asked.properties) ? asked.properties : {};
  const given = isMap(data.outputs) ? data.outputs : {};
  const fresh = Object.entries(schemasIn(inputs)).filter(([name]) => !(name in known));
  const properties = { ...known, ...Object.fromEntries(fresh) };
  return [
    ...(fresh.length > 0 ? [set("inputs", { ...asked, type: "object", properties })] : []),
    ...Object.entries(outputs)
      .filter(([name, value]) => !isSame(given[name], value))
      .map(([name, value]) => set(`outputs.${name}`, value)),
  ];
}

function schemasIn(inputs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(inputs).filter(([, schema]) => isMap(schema)));
}

function set(path: string, value: JsonValue): Operation {
  return { op: "set_field", path, value };
}

function isSame(one: JsonValue | undefined, other: JsonValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
