import { useSelector } from "react-redux";
import type { Step } from "@/domain/document/workflow";
import { sourceOfEntry } from "@/domain/document/yaml-edits";
import { selectWorkflow } from "../editor-slice";
import styles from "./inspector.module.css";

/** The step as it is written. */
export function StepSource({ step }: { step: Step }) {
  const workflow = useSelector(selectWorkflow);
  return <pre className={styles.source}>{sourceOfEntry(workflow.tree, step.parts)}</pre>;
}
