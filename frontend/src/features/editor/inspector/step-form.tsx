import { Alert, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { DocumentProblem, StepType } from "@/api/generated";
import { toolsFor } from "@/domain/document/agent-tools";
import { BUILT_IN_AGENTS } from "@/domain/document/words";
import type { Step } from "@/domain/document/workflow";
import type { JsonObject, JsonValue } from "@/domain/expressions/values";
import { selectWorkflow } from "../editor-slice";
import type { Sample } from "../sample/use-sample";
import type { Catalogue } from "../use-catalogue";
import type { Edits } from "../use-edits";
import { type Field, fieldsOf } from "./field-schema";
import { FormProvider } from "./form-context";
import { FormField } from "./form-field";
import styles from "./inspector.module.css";
import { useNamedAgents } from "./use-named-agents";

interface StepFormProps {
  step: Step;
  type: StepType | undefined;
  catalogue: Catalogue;
  edits: Edits;
  problems: DocumentProblem[];
  sample: Sample;
}

/** The form of a step, generated from the catalogue's schema of its kind. */
export function StepForm({ step, type, catalogue, edits, problems, sample }: StepFormProps) {
  const { t } = useTranslation("editor");
  const fields = useMemo(() => (type ? fieldsOf(type.json_schema) : []), [type]);
  const form = useFormOf(step, edits, problems, sample.scope);
  if (!type) return <Alert color="yellow">{t("unknown_kind")}</Alert>;
  return (
    <FormProvider value={form}>
      {catalogue.groups.map((group) => (
        <Section
          key={group.id}
          title={group.title}
          isFolded={group.folded}
          step={step}
          fields={fields.filter((field) => field.group === group.id && field.name !== "do")}
        />
      ))}
    </FormProvider>
  );
}

function Section(props: { title: string; isFolded: boolean; step: Step; fields: Field[] }) {
  const { title, isFolded, step, fields } = props;
  const isUsed = fields.some((field) => field.name in step.data);
  const [isOpen, setIsOpen] = useState(!isFolded || isUsed);
  if (fields.length === 0) return null;
  return (
    <section className={styles.section}>
      <UnstyledButton
        className={styles.sectionHead ?? ""}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <IconChevronRight size={14} data-open={isOpen || undefined} />
        {title}
        {!isOpen && isUsed && <span className={styles.used} />}
      </UnstyledButton>
      {isOpen && (
        <div className={styles.fields}>
          {fields.map((field) => (
            <FormField
              key={field.name}
              field={field}
              path={`${step.path}.${field.name}`}
              value={step.data[field.name]}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function useFormOf(step: Step, edits: Edits, problems: DocumentProblem[], scope: JsonObject) {
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const agents = useNamedAgents(workflow.data.agents);
  return useMemo(() => {
    const label = t("undo.field", { id: step.id });
    return {
      scope,
      step: { path: step.path, given: step.data.with },
      set: (path: string, value: JsonValue) =>
        edits.edit([{ op: "set_field", path, value }], label, {
          origin: "inspector",
          merge_key: path,
        }),
      remove: (path: string) =>
        edits.edit([{ op: "remove_field", path }], label, { origin: "inspector", merge_key: path }),
      problemAt: (path: string) =>
        problems.find((problem) => problem.path === path || problem.path.startsWith(`${path}[`)),
      suggestions: {
        agent: [...BUILT_IN_AGENTS, ...Object.keys(agents)],
        tool: ["memory.search", "memory.store"],
        tools: toolsFor(step.data, agents),
        step_ids: Object.keys(step.block.steps).filter((id) => id !== step.id),
      },
    };
  }, [t, step, edits, problems, agents, scope]);
}
