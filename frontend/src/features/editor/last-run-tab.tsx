import { useContext } from "react";
import { useSelector } from "react-redux";
import { pathOfRunStep } from "@/domain/document/workflow";
import { selectEditor, selectSelection, selectWorkflow } from "./editor-slice";
import { LastRunContext } from "./last-run-context";
import { runPathOf } from "./sample/pins";

/** Logs or timeline of the workflow's last run; what is chosen there is selected on the canvas. */
export default function LastRunTab(props: {
  show: "logs" | "timeline";
  onSelect: (paths: string[]) => void;
}) {
  const View = useContext(LastRunContext);
  const { workflow_id } = useSelector(selectEditor);
  const workflow = useSelector(selectWorkflow);
  const [only = ""] = useSelector(selectSelection);
  const choose = (runPath: string) => {
    const path = pathOfRunStep(workflow, runPath);
    if (path) props.onSelect([path]);
  };
  return (
    View && (
      <View workflowId={workflow_id} show={props.show} chosen={runPathOf(only)} onChoose={choose} />
    )
  );
}
