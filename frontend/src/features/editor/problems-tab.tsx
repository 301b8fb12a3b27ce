import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import { quickFix } from "@/domain/validation/quick-fix";
import { selectWorkflow } from "./editor-slice";
import { ProblemsPanel } from "./problems-panel";
import type { Edits } from "./use-edits";
import { stepOfProblem } from "./use-problems";

/** The problems of the open document, each with its place and what mends it. */
export default function ProblemsTab(props: {
  problems: DocumentProblem[];
  edits: Edits;
  /** A model proposes what mends them. */
  onPropose: () => void;
  onSelect: (paths: string[]) => void;
}) {
  const { problems, edits, onPropose, onSelect } = props;
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const open = (problem: DocumentProblem) => {
    const path = stepOfProblem(workflow, problem.path);
    if (path) onSelect([path]);
  };
  const fixOf = (problem: DocumentProblem) => {
    const operations = quickFix(workflow, problem);
    return operations && (() => edits.edit(operations, t("undo.fix")));
  };
  return (
    <>
      <ProblemsPanel problems={problems} onOpen={open} fixOf={fixOf} />
      {problems.length > 0 && (
        <Button size="compact-xs" variant="subtle" m={8} onClick={onPropose}>
          {t("propose.fix")}
        </Button>
      )}
    </>
  );
}
