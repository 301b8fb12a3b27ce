import { Alert, Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Operation, WorkflowDoc } from "@/domain/document/operations";
import type { Proposal } from "@/domain/document/proposal";
import { readWorkflow } from "@/domain/document/workflow";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { DifferenceLines } from "../difference-lines";
import styles from "./proposal.module.css";
import { usePreview } from "./use-preview";

interface ProposalReviewProps {
  doc: WorkflowDoc;
  proposal: Proposal;
  isNew: boolean;
  onApply: (operations: Operation[]) => void;
  /** Ask again, with what is wrong with the proposal. */
  onMend: (source: string, problems: string[]) => void;
  onClose: () => void;
}

/** What a model proposes: why, step by step to be taken or left, as a difference, and what is wrong with it. */
export function ProposalReview(props: ProposalReviewProps) {
  const { doc, proposal, isNew, onApply, onMend, onClose } = props;
  const { t } = useTranslation("editor");
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(
    () => new Set(proposal.steps.map(({ id }) => id)),
  );
  const { operations, source, lines, problems, isJudged } = usePreview({
    doc,
    proposal,
    accepted,
    isNew,
  });
  const here = readWorkflow(doc.source).byPath;
  const toggle = (id: string) => {
    const next = new Set(accepted);
    if (!next.delete(id)) next.add(id);
    setAccepted(next);
  };
  const wordOf = (id: string, isThere: boolean, step: unknown) =>
    t(step === undefined ? "propose.removes" : isThere ? "propose.changes" : "propose.adds", {
      id,
    });
  return (
    <section className={styles.review} aria-label={t("propose.review")}>
      {proposal.explanation && <p className={styles.why}>{proposal.explanation}</p>}
      {proposal.unusable > 0 && (
        <Alert color="yellow">{t("propose.unusable", { count: proposal.unusable })}</Alert>
      )}
      <fieldset className={styles.steps}>
        <legend>{t("propose.take")}</legend>
        {proposal.steps.map(({ id, step }) => (
          <Checkbox
            key={id}
            label={wordOf(id, here.has(`steps.${id}`), step)}
            checked={accepted.has(id)}
            onChange={() => toggle(id)}
          />
        ))}
      </fieldset>
      <DifferenceLines
        label={t("propose.difference")}
        lines={lines.map(({ sign, text }) => ({
          sign,
          text: sign === "gap" ? "…" : `${sign} ${text}`,
        }))}
      />
      <p className={styles.verdict} role="status">
        {problems.length === 0
          ? t(isJudged ? "propose.sound" : "judge.asking")
          : t("propose.faults", { count: problems.length })}
      </p>
      {problems.length > 0 && (
        <ul className={styles.faults}>
          {problems.slice(0, 8).map(({ path, line, message }) => (
            <li key={`${path} ${line} ${message}`}>
              <code>{path || t("line", { line })}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <DialogFoot onClose={onClose} way={t("propose.discard")}>
        {problems.length > 0 && (
          <Button
            variant="default"
            onClick={() =>
              onMend(
                source,
                problems.map(({ path, message }) => `${path}: ${message}`),
              )
            }
          >
            {t("propose.mend")}
          </Button>
        )}
        <Button disabled={operations.length === 0} onClick={() => onApply(operations)}>
          {t("propose.apply")}
        </Button>
      </DialogFoot>
    </section>
  );
}
