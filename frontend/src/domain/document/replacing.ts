/** Gives a step another kind: what both kinds have stays, and what is lost is told. */
import { isMap, type JsonObject } from "../expressions/values";
import { applyOperations, type Operation, type WorkflowDoc } from "./operations";
import { readWorkflow, type Step } from "./workflow";

export interface Replacement {
  operations: Operation[];
  /** Fields that the new kind does not have. */
  fields: string[];
  /** Steps that were connected through those. */
  wires: string[];
}

/** `example` is a step of the new kind, `schema` what it may have. */
export function replaceStep(
  doc: WorkflowDoc,
  step: Step,
  example: JsonObject,
  schema: JsonObject,
): Replacement {
  const known = isMap(schema.properties) ? schema.properties : {};
  const isLoop = "loop" in example || step.kind === "loop";
  const stays = (name: string) =>
    name !== step.kind && name in known && !(isLoop && (name === "output" || name === "do"));
  const fields = Object.keys(step.data).filter((name) => !stays(name) && !(name in example));
  const operations: Operation[] = [
    ...Object.entries(example)
      .filter(([name]) => !(name in step.data && stays(name)))
      .map(
        ([name, value]): Operation => ({ op: "set_field", path: `${step.path}.${name}`, value }),
      ),
    ...fields.map((name): Operation => ({ op: "remove_field", path: `${step.path}.${name}` })),
  ];
  const left = new Set(namesOf(applyOperations(doc, operations), step.path));
  return {
    operations,
    fields: fields.filter((name) => name !== step.kind),
    wires: namesOf(doc, step.path).filter((name) => !left.has(name)),
  };
}

function namesOf({ source }: WorkflowDoc, path: string): string[] {
  const { edges, byPath } = readWorkflow(source);
  return edges
    .filter((edge) => edge.source === path || edge.target === path)
    .map((edge) => (edge.source === path ? edge.target : edge.source))
    .map((other) => byPath.get(other)?.id ?? other);
}
