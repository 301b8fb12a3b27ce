/** Carries out the choice of another kind for a step, and says what went with the old one. */
import { notifications } from "@mantine/notifications";
import type { TFunction } from "i18next";
import type { StepType } from "@/api/generated";
import type { WorkflowDoc } from "@/domain/document/operations";
import { replaceStep } from "@/domain/document/replacing";
import { readWorkflow } from "@/domain/document/workflow";
import { fresh, takes } from "./new-steps";
import type { Edits } from "./use-edits";

interface Means {
  doc: WorkflowDoc;
  edits: Edits;
  t: TFunction<"editor">;
}

export function replaceIn({ doc, edits, t }: Means, path: string, type: StepType): void {
  const workflow = readWorkflow(doc.source);
  const step = workflow.byPath.get(path);
  if (!step || step.kind === type.kind) return;
  const source = workflow.edges.find((edge) => edge.target === path)?.source;
  const prior = source === undefined ? undefined : workflow.byPath.get(source);
  const giver = takes(type.kind, prior) ? prior : undefined;
  const example = fresh(type.kind, type.example, workflow, giver);
  const made = replaceStep(doc, step, example, type.json_schema);
  edits.edit(made.operations, t("undo.replace", { id: step.id, title: type.title }));
  const lost = [
    made.fields.length > 0 ? t("told.fields_gone", { fields: made.fields.join(", ") }) : "",
    made.wires.length > 0 ? t("told.wires_gone", { steps: made.wires.join(", ") }) : "",
  ].filter(Boolean);
  if (lost.length > 0)
    notifications.show({
      color: "yellow",
      title: t("told.replaced", { id: step.id }),
      message: lost.join(" "),
    });
}
