/** What steps take from around them: inputs, outputs of other steps, variables of the loop they stood in. */
import { type Reference, references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { rangeWithin } from "./positions";
import { meaning } from "./rename";
import { nodeAt } from "./source-tree";
import { type Role, templateSites } from "./template-sites";
import type { TextEdit } from "./text-edits";
import type { Block, Step, Workflow } from "./workflow";

export interface Outside {
  /** The input that it becomes; nothing where it cannot be one. */
  name: string | undefined;
  /** The step whose output it is. */
  step: string | undefined;
  /** The expression that gives it where the steps stood. */
  value: string;
  edit: TextEdit;
}

const EVERYWHERE: ReadonlySet<string> = new Set(["run", "secrets"]);

/** Return the ids that a step names in `needs`. */
export function namesIn({ data }: Step): string[] {
  const { needs } = data;
  return Array.isArray(needs) ? needs.filter((name) => typeof name === "string") : [];
}

/** Return every use of what does not stand in the document itself. */
export function outsideUses(workflow: Workflow): Outside[] {
  return workflow.steps.flatMap((step) =>
    [...templateSites(step.data)].flatMap((site) => {
      const node = nodeAt(workflow.tree.root, [...step.parts, ...site.path]);
      if (node?.type !== "scalar") return [];
      return expressionsOf(site.text)
        .flatMap((expression) => references(expression))
        .flatMap((reference) => {
          const found = outsideOf(workflow, step, site, reference);
          if (!found) return [];
          const [length, use] = found;
          const { start } = reference;
          const range = rangeWithin(workflow.tree.source, node, start, start + length);
          return [{ ...use, edit: { ...range, text: `inputs.${use.name ?? ""}` } }];
        });
    }),
  );
}

type Found = [length: number, use: Omit<Outside, "edit">];

function outsideOf(
  workflow: Workflow,
  step: Step,
  { role, text }: { role: Role; text: string },
  reference: Reference,
): Found | undefined {
  const { name, start, end } = reference;
  if (name === "inputs") return ofInput(reference);
  if (name === "steps") {
    const id = stepOf(reference);
    const isHere = id === undefined || meaning(workflow, step, role, id) !== undefined;
    return isHere ? undefined : ofOutput(id, text.slice(start, end), reference.isLenient);
  }
  if (EVERYWHERE.has(name) || variablesOf(workflow, step, role).has(name)) return undefined;
  return [name.length, { name, step: undefined, value: `\${${name}}` }];
}

/** What may be missing is given as nothing. */
function given(path: string, isLenient: boolean): string {
  return isLenient ? `\${default(${path}, null)}` : `\${${path}}`;
}

function ofOutput(id: string, written: string, isLenient: boolean): Found {
  const output = /^steps\s*(?:\.\s*\w+|\[[^\]]*\])\s*\.\s*output/.exec(written)?.[0];
  const value = given(`steps.${id}.output`, isLenient);
  return [output?.length ?? 0, { name: output && id, step: id, value }];
}

function ofInput({ fields: [field], firstField, start, isLenient }: Reference): Found {
  if (typeof field !== "string" || !firstField)
    return [0, { name: undefined, step: undefined, value: "" }];
  const length = firstField.end - start + (firstField.isQuoted ? 1 : 0);
  return [length, { name: field, step: undefined, value: given(`inputs.${field}`, isLenient) }];
}

/** Return the variables that a text of a step sees. */
function variablesOf(workflow: Workflow, step: Step, role: Role): Set<string> {
  const inside = [...step.parts, ...(role === "recovery" ? ["on_error"] : []), "do"].join(".");
  const own =
    role === "own" ? undefined : workflow.blocks.find((block) => block.path.join(".") === inside);
  const found = new Set<string>();
  for (let block: Block | undefined = own ?? step.block; block; block = block.outer)
    for (const variable of block.variables) found.add(variable);
  return found;
}
