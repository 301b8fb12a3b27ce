import { ActionIcon, Tabs } from "@mantine/core";
import { IconTrash, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DocumentProblem } from "@/api/generated";
import { StepIcon } from "@/canvas/step-icon";
import type { Step } from "@/domain/document/workflow";
import { focusCanvas } from "../regions";
import { useSample } from "../sample/use-sample";
import type { Catalogue } from "../use-catalogue";
import type { Edits } from "../use-edits";
import styles from "./inspector.module.css";
import { StepData } from "./step-data";
import { StepForm } from "./step-form";
import { StepInput } from "./step-input";
import { StepName } from "./step-name";
import { StepSource } from "./step-source";

const TABS = ["config", "input", "output", "source"];

/** The panel of the selected step. */
export default function Inspector(props: {
  step: Step;
  catalogue: Catalogue;
  edits: Edits;
  problems: DocumentProblem[];
  tab: string;
  onTab: (tab: string) => void;
  onClose: () => void;
  onSave: () => Promise<boolean>;
}) {
  const { step, catalogue, edits, problems, tab, onTab, onClose, onSave } = props;
  const sample = useSample();
  const { t } = useTranslation("editor");
  const type = catalogue.byKind.get(step.kind);
  return (
    <aside
      className={styles.inspector}
      aria-label={t("inspector")}
      data-region="inspector"
      onKeyDown={(event) => {
        const isOpen = (event.target as Element).getAttribute("aria-expanded") === "true";
        if (event.key === "Escape" && !event.defaultPrevented && !isOpen) focusCanvas();
      }}
    >
      <header className={styles.head} data-category={type?.category}>
        <span className={styles.icon} aria-hidden>
          <StepIcon name={type?.icon ?? "puzzle"} />
        </span>
        <StepName
          step={step}
          kind={type?.title ?? step.kind}
          onRename={(id) => edits.rename(step.path, id)}
        />
        <ActionIcon
          aria-label={t("delete_step")}
          data-hint={t("delete_step")}
          onClick={() => edits.remove([step.path])}
        >
          <IconTrash size={17} />
        </ActionIcon>
        <ActionIcon aria-label={t("common:actions.close")} onClick={onClose}>
          <IconX size={17} />
        </ActionIcon>
      </header>
      <Tabs
        value={tab}
        onChange={(to) => onTab(to ?? "config")}
        className={styles.tabs ?? ""}
        keepMounted={false}
      >
        <Tabs.List>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} data-tab={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="config" className={styles.body ?? ""}>
          <StepForm
            key={step.path}
            step={step}
            type={type}
            catalogue={catalogue}
            edits={edits}
            problems={problems}
            sample={sample}
          />
        </Tabs.Panel>
        <Tabs.Panel value="input" className={styles.body ?? ""}>
          <StepInput step={step} sample={sample} />
        </Tabs.Panel>
        <Tabs.Panel value="output" className={styles.body ?? ""}>
          <StepData key={step.path} step={step} sample={sample} edits={edits} onSave={onSave} />
        </Tabs.Panel>
        <Tabs.Panel value="source" className={styles.body ?? ""}>
          <StepSource step={step} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}
