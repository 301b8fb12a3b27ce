/** Expressions that cannot be read, where they are written. */
import { rangeWithin } from "../document/positions";
import { nodeAt, type Path, writtenPath } from "../document/source-tree";
import { templateSites, textsIn } from "../document/template-sites";
import type { Workflow } from "../document/workflow";
import { scanTemplate } from "../expressions/templates";
import type { Found } from "./found";

export function expressionProblems(workflow: Workflow): Found[] {
  const ofSteps = workflow.steps.flatMap((step) =>
    [...templateSites(step.data)].flatMap((site) =>
      inText(workflow, [...step.parts, ...site.path], site.text),
    ),
  );
  const ofOutputs = [...textsIn(workflow.data.outputs ?? null, ["outputs"])].flatMap((found) =>
    inText(workflow, found.path, found.text),
  );
  return [...ofSteps, ...ofOutputs];
}

function inText(workflow: Workflow, path: Path, text: string): Found[] {
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "scalar") return [];
  return scanTemplate(text).errors.map((error) => ({
    code: error.code,
    path: writtenPath(path),
    ...rangeWithin(workflow.tree.source, node, error.start, error.end),
    message: error.message,
    hint: error.hint,
  }));
}
