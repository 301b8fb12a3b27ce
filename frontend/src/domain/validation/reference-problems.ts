/** What an expression of a step names must be able to exist there: the same rules as `references_in_scope.py`. */
import { nearest } from "@/shared/lib/nearest";
import { rangeWithin } from "../document/positions";
import { nodeAt, writtenPath } from "../document/source-tree";
import { type Site, templateSites } from "../document/template-sites";
import type { Block, Step, Workflow } from "../document/workflow";
import { type Reference, references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { isMap } from "../expressions/values";
import { chainOf, holderOf, isInside } from "./blocks";
import type { Found } from "./found";
import { unknownStep } from "./step-names";

type Told = Pick<Found, "code" | "message" | "hint">;
/** Names of a scope with the fields they have; null: any. */
type Names = ReadonlyMap<string, readonly string[] | null>;
interface Around {
  workflow: Workflow;
  block: Block;
  names: Names;
  mayUseSecrets: boolean;
}

const RUN_FIELDS = ["id", "started_at", "workflow", "version", "attempt", "trigger"];
const STEP_FIELDS = ["output", "status", "error", "usage"];
const ERROR_FIELDS = ["code", "message", "step"];
const EVENT_FIELDS = ["name", "data", "at"];
const SECRET_PARTS = ["headers", "query", "body"];
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["trigger", "'trigger' exists only in triggers; a run has run.trigger."],
  ["error", "'error' exists only in on_error and on_failure."],
  ["previous", "'previous' exists only in loops with until."],
  ["index", "'index' exists only in loops."],
  ["output", "'output' exists only in checks."],
  ["event", "'event' exists only in the match of a wait."],
]);
/** With one of these an input may exist that `properties` does not name. */
const OPEN =
  "additionalProperties patternProperties unevaluatedProperties $ref allOf anyOf oneOf if dependentSchemas".split(
    " ",
  );

export function referenceProblems(workflow: Workflow): Found[] {
  const blocks = new Map(workflow.blocks.map((block) => [block.id, block]));
  return workflow.steps.flatMap((step) =>
    [...templateSites(step.data)].flatMap((site) => {
      const node = nodeAt(workflow.tree.root, [...step.parts, ...site.path]);
      if (node?.type !== "scalar") return [];
      const path = writtenPath([...step.parts, ...site.path]);
      const around = aroundOf(workflow, blocks, step, site);
      return expressionsOf(site.text).flatMap((expression) =>
        references(expression).flatMap((reference) => {
          const told = wrongWith(reference, around);
          if (!told) return [];
          const { start, end } = reference;
          return [{ ...told, path, ...rangeWithin(workflow.tree.source, node, start, end) }];
        }),
      );
    }),
  );
}

function aroundOf(
  workflow: Workflow,
  blocks: ReadonlyMap<string, Block>,
  step: Step,
  site: Site,
): Around {
  const [first, second, third] = site.path.filter((part) => typeof part === "string");
  const inner = { own: "", inner: `${step.path}.do`, recovery: `${step.path}.on_error.do` };
  const block = blocks.get(inner[site.role]) ?? step.block;
  const names = new Map<string, readonly string[] | null>();
  for (const { variables } of chainOf(block))
    for (const name of variables) names.set(name, name === "error" ? ERROR_FIELDS : null);
  if (site.role === "recovery") names.set("error", ERROR_FIELDS);
  if (first === "checks") names.set("output", null);
  if (first === "wait" && second === "event" && third === "match") names.set("event", EVENT_FIELDS);
  const mayUseSecrets =
    (first === "with" && "tool" in step.data) ||
    (first === "http" && SECRET_PARTS.includes(second ?? ""));
  return { workflow, block, names, mayUseSecrets };
}

function wrongWith(reference: Reference, around: Around): Told | undefined {
  const { name, fields } = reference;
  const known = around.names.get(name);
  if (known !== undefined)
    return known && fields.length > 0 ? wrongField(reference, 0, known) : undefined;
  if (name === "steps") return wrongStep(reference, around);
  if (name === "secrets") return wrongSecret(reference, around);
  if (name === "inputs") return wrongInput(reference, around);
  if (name === "run") return wrongField(reference, 0, RUN_FIELDS);
  const elsewhere = ELSEWHERE.get(name);
  if (elsewhere) return unknownName(elsewhere);
  const meant = nearest(name, [...around.names.keys(), "inputs", "steps", "run"]);
  const isStep = holderOf(around.block, name) !== undefined;
  const hint = meant
    ? `Did you mean ${meant}?`
    : isStep
      ? `Write steps.${name}.output.`
      : undefined;
  return unknownName(`There is nothing called '${name}' here.`, hint);
}

function wrongStep(reference: Reference, { workflow, block }: Around): Told | undefined {
  const step = stepOf(reference);
  if (step === undefined)
    return unknownName("After 'steps' comes the id of a step.", "Write steps.<id>.output.");
  const holder = holderOf(block, step);
  if (!holder) return unknownStep(workflow, step, block);
  if (!isInside(block, step, holder)) return wrongField(reference, 1, STEP_FIELDS);
  return {
    code: "later_step",
    message: `This is a part of '${step}', whose output is there only later.`,
    hint: "Name a step beside or before this one.",
  };
}

function wrongSecret({ fields }: Reference, around: Around): Told | undefined {
  if (!around.mayUseSecrets)
    return {
      code: "secret_not_allowed_here",
      message:
        "Secrets are allowed only in 'with' of tools and in headers, query and body of http.",
    };
  const [name] = fields;
  if (typeof name !== "string")
    return unknownName("After 'secrets' comes a name.", "Write secrets.<name>, as declared.");
  const { secrets } = around.workflow.data;
  const known = Array.isArray(secrets) ? secrets.filter((one) => typeof one === "string") : [];
  if (known.includes(name)) return undefined;
  const meant = nearest(name, known);
  return {
    code: "undeclared_secret",
    message: `The document does not declare the secret '${name}'.`,
    hint: meant ? `Did you mean ${meant}?` : `Add it: secrets: [${[...known, name].join(", ")}].`,
  };
}

function wrongInput(reference: Reference, { workflow }: Around): Told | undefined {
  const schema = workflow.data.inputs;
  const [name] = reference.fields;
  if (typeof name !== "string" || !isMap(schema) || !isMap(schema.properties)) return undefined;
  if (Object.hasOwn(schema.properties, name)) return undefined;
  const isClosed =
    schema.additionalProperties === false && !OPEN.slice(1).some((word) => word in schema);
  if (!isClosed && (reference.isLenient || OPEN.some((word) => word in schema))) return undefined;
  const meant = nearest(name, Object.keys(schema.properties));
  const hint = meant ? `Did you mean ${meant}?` : "Declare it in inputs.properties.";
  return unknownName(`There is no input '${name}'.`, hint);
}

function wrongField(
  { name, fields }: Reference,
  position: number,
  known: readonly string[],
): Told | undefined {
  const owner = [name, ...fields.slice(0, position)].join(".");
  const all = `Its fields are ${known.join(", ")}.`;
  if (fields.length <= position) return unknownName(`'${owner}' needs one of its fields.`, all);
  const field = String(fields[position]);
  if (known.includes(field)) return undefined;
  const meant = nearest(field, known);
  return unknownName(`'${owner}' has no field '${field}'.`, meant ? `Did you mean ${meant}?` : all);
}

function unknownName(message: string, hint?: string): Told {
  return { code: "unknown_name", message, hint };
}
