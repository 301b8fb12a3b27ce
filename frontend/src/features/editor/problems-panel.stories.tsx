import type { DocumentProblem } from "@/api/generated";
import { ProblemsPanel } from "./problems-panel";

/** Everything that is wrong with a document. */
export default { title: "Editor/Problems panel" };

const PROBLEM: DocumentProblem = {
  code: "unknown_step",
  severity: "error",
  path: "steps.brief.prompt",
  line: 9,
  column: 13,
  end_line: 9,
  end_column: 40,
  message: "There is no step “fact”.",
  hint: "Did you mean “facts”?",
};
const nothing = () => undefined;
const fixOf = ({ hint }: DocumentProblem) => (hint ? nothing : undefined);

export const Nothing = () => <ProblemsPanel problems={[]} onOpen={nothing} fixOf={fixOf} />;
export const ErrorsAndWarnings = () => (
  <ProblemsPanel
    problems={[
      PROBLEM,
      { ...PROBLEM, severity: "warning", line: 12, path: "", hint: null, message: "Never used." },
    ]}
    onOpen={nothing}
    fixOf={fixOf}
  />
);
