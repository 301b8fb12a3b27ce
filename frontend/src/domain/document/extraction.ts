/** Makes a workflow of its own out of steps: what they take from around them becomes its inputs. */
import { references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import { EMPTY_LAYOUT } from "../layout/layout";
import { copySteps, outermost } from "./clipboard";
import { namesIn, type Outside, outsideUses } from "./extraction-scope";
import { applyOperations, type Operation, type WorkflowDoc } from "./operations";
import { rangeWithin } from "./positions";
import { reachOf } from "./reach";
import { meaning } from "./rename";
import { nodeAt, type Path } from "./source-tree";
import { templateSites, textsIn } from "./template-sites";
import { applyEdits, type TextEdit } from "./text-edits";
import { readWorkflow, type Step, type Workflow } from "./workflow";
import { writeEntries } from "./yaml-writer";

/** Why steps cannot stand in a workflow of their own. */
export type ExtractionRefusal = "none" | "apart" | "between" | "switch" | "state";

export interface Extraction {
  /** The new workflow. */
  source: string;
  inputs: string[];
  outputs: string[];
  /** What puts one step in the place of the steps, under the given id. */
  operations: (id: string) => Operation[];
}

/** Return the workflow that the steps make, called `name`, or why there is none. */
export function extractSteps(
  doc: WorkflowDoc,
  paths: Iterable<string>,
  name: string,
): Extraction | ExtractionRefusal {
  const workflow = readWorkflow(doc.source);
  const steps = outermost(workflow, paths);
  const refusal = refusalOf(workflow, steps);
  if (refusal) return refusal;
  const uses = usesAround(workflow, steps);
  if (uses.some((use) => !use.isOutput)) return "state";
  const clip = copySteps(
    workflow,
    doc.layout,
    steps.map(({ path }) => path),
  );
  const bare = withoutNeeds(`${headOf(workflow, name)}${clip?.fragment ?? ""}`, steps);
  const outside = outsideUses(readWorkflow(bare));
  if (outside.some((use) => use.name === undefined)) return "state";
  const outputs = [...new Set(uses.map((use) => use.id))];
  const source = completed(
    applyEdits(
      bare,
      outside.map((use) => use.edit),
    ),
    {
      inputs: inputsOf(workflow, outside),
      outputs: Object.fromEntries(outputs.map((id) => [id, `\${steps.${id}.output}`])),
    },
  );
  const given = Object.fromEntries(outside.map((use) => [use.name ?? "", use.value]));
  const at = steps[0] && clip?.positions[steps[0].id];
  return {
    source,
    inputs: Object.keys(given),
    outputs,
    operations: (id) => {
      const step = steps[0];
      if (!step) return [];
      const block = step.block.id;
      const own = new Set(steps.map((one) => one.id));
      const needs = [...new Set(steps.flatMap(namesIn))].filter((one) => !own.has(one));
      const followers = Object.keys(step.block.steps).filter((other) => {
        const found = workflow.byPath.get(`${block}.${other}`);
        return found && !own.has(other) && namesIn(found).some((one) => own.has(one));
      });
      const made: JsonObject = {
        workflow: name,
        ...(Object.keys(given).length > 0 ? { inputs: given } : {}),
        ...(needs.length > 0 ? { needs } : {}),
      };
      return [
        {
          op: "set_source",
          source: applyEdits(
            doc.source,
            uses.map((use) => use.edit(id)),
          ),
        },
        { op: "add_step", block, id, step: made, after: step.id, ...(at ? { at } : {}) },
        ...followers.map(
          (other): Operation => ({
            op: "connect",
            source: `${block}.${id}`,
            target: `${block}.${other}`,
          }),
        ),
        ...steps.map(({ path }): Operation => ({ op: "remove_step", path })),
      ];
    },
  };
}

function refusalOf(workflow: Workflow, steps: readonly Step[]): ExtractionRefusal | undefined {
  const [first] = steps;
  if (!first) return "none";
  if (steps.some((step) => step.block.id !== first.block.id)) return "apart";
  const paths = new Set(steps.map(({ path }) => path));
  const before = new Set(reachOf(workflow, paths, "before"));
  if (reachOf(workflow, paths, "after").some((path) => !paths.has(path) && before.has(path)))
    return "between";
  const crossing = workflow.edges.some(
    ({ source, target, type }) => type === "switch" && paths.has(source) !== paths.has(target),
  );
  return crossing ? "switch" : undefined;
}

interface UseAround {
  id: string;
  /** Of the output; a state has no place in another workflow. */
  isOutput: boolean;
  edit: (id: string) => TextEdit;
}

/** Return where the rest of the document refers to the steps. */
function usesAround(workflow: Workflow, steps: readonly Step[]): UseAround[] {
  const own = new Set(steps.map(({ id }) => id));
  const block = steps[0]?.block.id;
  const isInside = (path: string) =>
    steps.some((step) => path === step.path || path.startsWith(`${step.path}.`));
  const sites: { path: Path; text: string }[] = [];
  for (const other of workflow.steps) {
    if (isInside(other.path)) continue;
    for (const site of templateSites(other.data))
      if ([...own].some((id) => meaning(workflow, other, site.role, id) === block))
        sites.push({ path: [...other.parts, ...site.path], text: site.text });
  }
  if (block === "steps") sites.push(...textsIn(workflow.data.outputs ?? null, ["outputs"]));
  return sites.flatMap((site) => usesIn(workflow, site, own));
}

function usesIn(
  workflow: Workflow,
  { path, text }: { path: Path; text: string },
  own: ReadonlySet<string>,
): UseAround[] {
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "scalar") return [];
  return expressionsOf(text).flatMap((expression) =>
    references(expression).flatMap((reference) => {
      const id = stepOf(reference);
      const place = reference.firstField;
      if (id === undefined || !own.has(id) || !place) return [];
      const range = rangeWithin(workflow.tree.source, node, reference.start, reference.end);
      const written = text.slice(reference.start, reference.end);
      const rest = /^steps\s*(?:\.\s*\w+|\[[^\]]*\])\s*\.\s*output/.exec(written);
      const edit = (by: string) => ({
        ...range,
        text: `steps.${by}.output.${id}${written.slice(rest?.[0].length)}`,
      });
      return [{ id, isOutput: rest !== null, edit }];
    }),
  );
}

/** The parts of the document that its steps stand on. */
function headOf({ data }: Workflow, name: string): string {
  const kept = Object.fromEntries(
    ["secrets", "defaults", "agents"].flatMap((field): [string, JsonValue][] =>
      field in data ? [[field, data[field] ?? null]] : [],
    ),
  );
  const head = { apiVersion: "flowloom/v1", kind: "Workflow", metadata: { name }, ...kept };
  return `${writeEntries(head, 0)}\n`;
}

/** Take the names of steps that stay behind out of `needs`. */
function withoutNeeds(source: string, steps: readonly Step[]): string {
  const own = new Set(steps.map(({ id }) => id));
  const strange = new Set(steps.flatMap(namesIn).filter((name) => !own.has(name)));
  const operations = [...strange].map(
    (id): Operation => ({ op: "forget_name", block: "steps", id }),
  );
  return applyOperations({ source, layout: EMPTY_LAYOUT }, operations).source;
}

/** An input is what the document asks for; of what a step made nothing is known but its schema. */
function inputsOf(workflow: Workflow, outside: readonly Outside[]): JsonObject {
  const asked = isMap(workflow.data.inputs) ? workflow.data.inputs : {};
  const known = isMap(asked.properties) ? asked.properties : {};
  const properties = Object.fromEntries(
    outside.map((use): [string, JsonValue] => {
      const given = workflow.steps.find((step) => step.id === use.step)?.data.output;
      const schema =
        use.step === undefined ? known[use.name ?? ""] : isMap(given) ? given : undefined;
      return [use.name ?? "", schema ?? {}];
    }),
  );
  return Object.keys(properties).length > 0 ? { type: "object", properties } : {};
}

function completed(source: string, parts: { inputs: JsonObject; outputs: JsonObject }): string {
  const operations = Object.entries(parts)
    .filter(([, value]) => Object.keys(value).length > 0)
    .map(([path, value]): Operation => ({ op: "set_field", path, value }));
  return applyOperations({ source, layout: EMPTY_LAYOUT }, operations).source;
}
