import { Button, Group, NumberInput, Select, Stack } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type StartEvaluation, useStartEvaluationMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { Refused } from "./refused";
import { useStartChoices } from "./use-start-choices";

const MOST_AT_ONCE = 20;

interface Props {
  isOpen: boolean;
  /** The workflow to begin with, as a link names it. */
  workflowId: string | null;
  onClose: () => void;
}

/** Runs a workflow over the cases of a dataset, and a second version of it as well. */
export function StartDialog({ isOpen, workflowId, onClose }: Props) {
  const { t } = useTranslation("evaluations");
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("new")}>
      <StartForm workflowId={workflowId} onClose={onClose} />
    </Dialog>
  );
}

function StartForm({ workflowId, onClose }: Omit<Props, "isOpen">) {
  const { t } = useTranslation("evaluations");
  const navigate = useNavigate();
  const [start, { error, isLoading }] = useStartEvaluationMutation();
  const keyFor = useKey();
  const [dataset, setDataset] = useState<string | null>(null);
  const [workflow, setWorkflow] = useState(workflowId);
  const [version, setVersion] = useState("");
  const [against, setAgainst] = useState("");
  const [atOnce, setAtOnce] = useState(4);
  const [usd, setUsd] = useState<number | "">("");
  const choices = useStartChoices(workflow);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!dataset || !workflow) return;
    const startEvaluation: StartEvaluation = {
      dataset_id: dataset,
      workflow_id: workflow,
      version: versionOf(version),
      against: versionOf(against),
      at_once: atOnce,
      budget: usd === "" ? null : { usd },
    };
    const done = await start({ "idempotency-key": keyFor(startEvaluation), startEvaluation });
    if (done.data) await navigate(`/evaluations/${done.data.id}`);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Select
          label={t("columns.dataset")}
          description={choices.datasets.length === 0 ? t("no_dataset") : undefined}
          required
          searchable
          data={choices.datasets}
          value={dataset}
          onChange={setDataset}
        />
        <Select
          label={t("columns.workflow")}
          required
          searchable
          data={choices.workflows}
          value={workflow}
          onChange={(next) => {
            setWorkflow(next);
            setVersion("");
            setAgainst("");
          }}
        />
        <Select
          label={t("which_version")}
          allowDeselect={false}
          data={[{ value: "", label: t("newest") }, ...choices.versions]}
          value={version}
          onChange={(next) => setVersion(next ?? "")}
        />
        <Select
          label={t("compare_with")}
          description={t("compare_text")}
          allowDeselect={false}
          data={[{ value: "", label: t("nothing") }, ...choices.versions]}
          value={against}
          onChange={(next) => setAgainst(next ?? "")}
        />
        <Group grow align="flex-start">
          <NumberInput
            label={t("at_once")}
            min={1}
            max={MOST_AT_ONCE}
            allowDecimal={false}
            value={atOnce}
            onChange={(next) => setAtOnce(Number(next) || 1)}
          />
          <NumberInput
            label={t("budget")}
            min={0}
            decimalScale={4}
            value={usd}
            onChange={(next) => setUsd(next === "" ? "" : Number(next))}
          />
        </Group>
        <Refused error={error ?? choices.error} />
        <DialogFoot onClose={onClose}>
          <Button type="submit" loading={isLoading} disabled={!dataset || !workflow}>
            {t("start")}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}

function versionOf(chosen: string): StartEvaluation["version"] {
  if (chosen === "") return null;
  return chosen === "draft" ? "draft" : Number(chosen);
}

/** The same wish has the same key, however often it is sent; another one has its own. */
function useKey(): (wish: StartEvaluation) => string {
  const known = useRef({ wish: "", key: "" });
  return (wish) => {
    const text = JSON.stringify(wish);
    if (known.current.wish !== text) known.current = { wish: text, key: crypto.randomUUID() };
    return known.current.key;
  };
}
