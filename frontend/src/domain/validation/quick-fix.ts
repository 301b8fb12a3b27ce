/** What the hint of a problem says, done: the nearest name written, an input or a secret declared, an id made one. */
import type { DocumentProblem } from "@/api/generated";
import type { Operation } from "../document/operations";
import { indexOf } from "../document/positions";
import { applyEdits } from "../document/text-edits";
import { freeId, type Workflow } from "../document/workflow";
import { isMap, type JsonValue } from "../expressions/values";

type Fixable = Omit<DocumentProblem, "severity">;

/** Return the operations that mend a problem, where its hint says how. */
export function quickFix(workflow: Workflow, problem: Fixable): Operation[] | undefined {
  const hint = problem.hint ?? "";
  const meant = /^Did you mean ([\w.-]+)\?$/.exec(hint)?.[1];
  if (meant) return written(workflow.tree.source, problem, meant);
  if (problem.code === "undeclared_secret") return declaredSecret(workflow, problem);
  if (hint === "Declare it in inputs.properties.") return declaredInput(workflow, problem);
  const id = /^Use another id, such as (\w+)\.$/.exec(hint)?.[1];
  if (!id) return undefined;
  return [{ op: "rename_step", path: problem.path, id: freeId(workflow, id) }];
}

/** The name that is wrong stands last in the message, and within the place of the problem. */
function wrongName({ message }: Fixable): string | undefined {
  return [...message.matchAll(/'([^']+)'/g)].at(-1)?.[1];
}

function written(source: string, problem: Fixable, meant: string): Operation[] | undefined {
  const wrong = wrongName(problem);
  if (!wrong || !/^[\w.-]+$/.test(wrong)) return undefined;
  const from = indexOf(source, problem.line, problem.column);
  const to = Math.max(from, indexOf(source, problem.end_line, problem.end_column));
  const word = new RegExp(`(?<![\\w])${wrong.replaceAll(".", "\\.")}(?![\\w])`);
  const found = word.exec(source.slice(from, to));
  if (!found) return undefined;
  const start = from + found.index;
  const edit = { start, end: start + wrong.length, text: meant };
  return [{ op: "set_source", source: applyEdits(source, [edit]) }];
}

function declaredSecret({ data }: Workflow, problem: Fixable): Operation[] | undefined {
  const name = wrongName(problem);
  if (!name) return undefined;
  const known = Array.isArray(data.secrets) ? data.secrets : [];
  return [{ op: "set_field", path: "secrets", value: [...known, name] }];
}

function declaredInput({ data }: Workflow, problem: Fixable): Operation[] | undefined {
  const name = wrongName(problem);
  if (!name) return undefined;
  const property: JsonValue = { type: "string" };
  const { inputs } = data;
  if (isMap(inputs) && isMap(inputs.properties))
    return [{ op: "set_field", path: `inputs.properties.${name}`, value: property }];
  const schema = isMap(inputs) ? inputs : { type: "object" };
  return [
    { op: "set_field", path: "inputs", value: { ...schema, properties: { [name]: property } } },
  ];
}
