import { Alert, Anchor, Button, Checkbox, Loader, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { Link } from "react-router";
import type { DocumentProblem } from "@/api/generated";
import type { Operation } from "@/domain/document/operations";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { selectDoc } from "../editor-slice";
import type { Edits } from "../use-edits";
import styles from "./proposal.module.css";
import { ProposalReview } from "./proposal-review";
import { useDescribed, useOnce } from "./use-described";
import { useProposal, type Wish } from "./use-proposal";

interface ProposalDialogProps {
  problems: DocumentProblem[];
  edits: Edits;
  onClose: () => void;
}

/** A model of the workspace writes or changes the workflow; nothing of it counts before it was looked at. */
export default function ProposalDialog({ problems, edits, onClose }: ProposalDialogProps) {
  const { t } = useTranslation("editor");
  const doc = useSelector(selectDoc);
  const described = useDescribed();
  const [text, setText] = useState(
    described ?? (problems.length > 0 ? t("propose.mend_wish") : ""),
  );
  const [tellsProblems, setTellsProblems] = useState(problems.length > 0);
  const { ask, stop, isAsking, run, problem, proposal } = useProposal();
  const isNew = described !== undefined;
  const wish: Wish = {
    text: text.trim(),
    source: isNew ? "" : doc.source,
    problems: tellsProblems && !isNew ? problems.map((one) => `${one.path}: ${one.message}`) : [],
  };
  useOnce(isNew, () => void ask(wish));
  const leave = () => {
    stop();
    onClose();
  };
  const apply = (operations: Operation[]) => {
    edits.edit(operations, t("undo.proposal"), { origin: "ai" });
    onClose();
  };
  return (
    <Dialog opened onClose={leave} title={t("propose.title")} size="xl">
      <Stack gap="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void ask(wish);
          }}
        >
          <Stack gap="sm">
            <Textarea
              data-autofocus
              label={t("propose.wish")}
              placeholder={t("propose.example")}
              autosize
              minRows={2}
              maxRows={8}
              maxLength={4_000}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {problems.length > 0 && !isNew && (
              <Checkbox
                label={t("propose.tell_problems", { count: problems.length })}
                checked={tellsProblems}
                onChange={(event) => setTellsProblems(event.currentTarget.checked)}
              />
            )}
            <Waiting isAsking={isAsking} onStop={stop} />
            {!isAsking && (
              <Button
                type="submit"
                variant={proposal ? "default" : "filled"}
                disabled={wish.text.length < 3}
                style={{ alignSelf: "flex-start" }}
              >
                {t(proposal ? "propose.again" : "propose.ask")}
              </Button>
            )}
          </Stack>
        </form>
        {problem && (
          <Alert color="red" title={problem.title} role="alert">
            {problem.detail}
          </Alert>
        )}
        {run && !proposal && (
          <Alert color="red" title={t("propose.failed")} role="alert">
            {run.error?.message ?? t("propose.no_proposal")}{" "}
            <Anchor component={Link} to={`/runs/${run.id}`}>
              {t("propose.see_run")}
            </Anchor>
          </Alert>
        )}
        {proposal && run ? (
          <ProposalReview
            key={run.id}
            doc={doc}
            proposal={proposal}
            isNew={isNew}
            onApply={apply}
            onMend={(source, found) => void ask({ ...wish, source, problems: found })}
            onClose={leave}
          />
        ) : (
          <DialogFoot onClose={leave} />
        )}
      </Stack>
    </Dialog>
  );
}

function Waiting({ isAsking, onStop }: { isAsking: boolean; onStop: () => void }) {
  const { t } = useTranslation("editor");
  return (
    <div role="status" className={isAsking ? styles.waiting : undefined}>
      {isAsking && (
        <>
          <Loader size="sm" aria-hidden /> {t("propose.asking")}
          <Button variant="subtle" size="compact-sm" onClick={onStop}>
            {t("propose.stop")}
          </Button>
        </>
      )}
    </div>
  );
}
