import { TextInput, UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconLinkOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { canConnect } from "@/domain/document/connections";
import type { Step } from "@/domain/document/workflow";
import { branchesOf } from "@/domain/layout/sizes";
import { Dialog } from "@/shared/ui/dialog";
import styles from "./connect-dialog.module.css";
import { selectWorkflow } from "./editor-slice";
import type { Edits } from "./use-edits";

interface Choice {
  other: Step;
  branch: number | undefined;
  label: string;
}

/** Wires without a pointer: every step that can come next, and those that do already. */
export default function ConnectDialog(props: { step: Step; edits: Edits; onClose: () => void }) {
  const { step, edits, onClose } = props;
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const [words, setWords] = useState("");
  const targets = workflow.edges.filter((edge) => edge.source === step.path).map((e) => e.target);
  const branches = branchesOf(step);
  const fitting = workflow.steps.filter(
    (other) =>
      other.id.includes(words.toLowerCase().trim()) &&
      canConnect(workflow, step.path, other.path).ok,
  );
  const choices = fitting.flatMap((other): Choice[] =>
    branches.length > 0
      ? branches.map(({ index, label, isElse }) => ({
          other,
          branch: index,
          label: isElse ? t("connect.else") : label,
        }))
      : targets.includes(other.path)
        ? []
        : [{ other, branch: undefined, label: "" }],
  );
  const act = (run: () => void) => () => {
    run();
    onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={t("connect.title", { id: step.id })}>
      <TextInput
        data-autofocus
        label={t("connect.find")}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <ul className={styles.list}>
        {choices.map(({ other, branch, label }) => (
          <li key={`${other.path} ${branch}`}>
            <UnstyledButton
              className={styles.choice ?? ""}
              onClick={act(() => edits.connect({ source: step.path, target: other.path, branch }))}
            >
              <IconArrowRight size={15} /> {other.id}
              {label && <span className={styles.branch}>{label}</span>}
            </UnstyledButton>
          </li>
        ))}
        {targets.map((target) => (
          <li key={`off ${target}`}>
            <UnstyledButton
              className={styles.choice ?? ""}
              onClick={act(() => edits.disconnect([{ source: step.path, target }]))}
            >
              <IconLinkOff size={15} />{" "}
              {t("connect.off", { id: workflow.byPath.get(target)?.id ?? target })}
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {choices.length + targets.length === 0 && <p className={styles.none}>{t("connect.none")}</p>}
    </Dialog>
  );
}
