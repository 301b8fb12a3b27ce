/** What can be told about a document without asking anybody: the same codes and places as the server's. */
import type { DocumentProblem } from "@/api/generated";
import { lineAndColumn } from "../document/positions";
import { readWorkflow } from "../document/workflow";
import { cycleProblems } from "./cycles";
import { expressionProblems } from "./expression-problems";
import type { Found } from "./found";
import { nameProblems } from "./name-problems";
import { referenceProblems } from "./reference-problems";
import { stepNameProblems } from "./step-names";

const LOCAL_CODES: ReadonlySet<string> = new Set([
  "yaml_syntax",
  "expression_syntax",
  "expression_too_complex",
  "unknown_function",
  "no_kind",
  "two_kinds",
  "invalid_id",
  "reserved_id",
  "cycle",
  "unknown_step",
  "inner_step_out_of_scope",
  "later_step",
  "unknown_name",
  "undeclared_secret",
  "secret_not_allowed_here",
]);

/** Whether a problem is one that is found here, so that an older answer of the server says nothing new about it. */
export function isLocal({ code, path }: { code: string; path: string }): boolean {
  return LOCAL_CODES.has(code) && (path === "" || /^(?:steps|on_failure)\./.test(path));
}

/** Return the problems in the order of the text. Never throws. */
export function localProblems(source: string): DocumentProblem[] {
  const workflow = readWorkflow(source);
  const { errors } = workflow.tree;
  if (errors.length > 0) {
    // What follows the first trouble is mostly its echo.
    return errors.slice(0, 1).map((error) =>
      asProblem(source, {
        code: error.code === "DUPLICATE_KEY" ? "duplicate_key" : "yaml_syntax",
        path: "",
        start: error.pos[0],
        end: error.pos[1],
        message: `This is not YAML: ${error.message.split("\n")[0]}`,
      }),
    );
  }
  const found = [
    ...nameProblems(workflow),
    ...expressionProblems(workflow),
    ...cycleProblems(workflow),
    ...stepNameProblems(workflow),
    ...referenceProblems(workflow),
  ];
  return found
    .toSorted((one, other) => one.start - other.start)
    .map((one) => asProblem(source, one));
}

function asProblem(source: string, found: Found): DocumentProblem {
  const start = lineAndColumn(source, found.start);
  const end = lineAndColumn(source, Math.max(found.end, found.start + 1));
  return {
    code: found.code,
    severity: "error",
    path: found.path,
    ...start,
    end_line: end.line,
    end_column: end.column,
    message: found.message,
    hint: found.hint ?? null,
  };
}
