import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type AgentMemory,
  useForgetMemoriesMutation,
  useForgetMemoryMutation,
} from "@/api/generated";
import { isProblem, reasonOf } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { useMay } from "./use-may";
import { useMemoryFilter } from "./use-memory-filter";

/** Forgets the memory that is open, after a question. */
export function ForgetOne({ memory, onGone }: { memory: AgentMemory; onGone: () => void }) {
  const { t } = useTranslation("memory");
  const [forget, { error, isLoading }] = useForgetMemoryMutation();
  return (
    <Forget
      label={t("kept.forget")}
      text={t("kept.forget_text")}
      error={error}
      isBusy={isLoading}
      onForget={async () => {
        // It is gone before the list is read again without it.
        const done = await forget({ memoryId: memory.id });
        if (!done.error) onGone();
        return !done.error;
      }}
    />
  );
}

/** Forgets all that the filters leave; without a filter nothing, and a search by meaning is none. */
export function ForgetAll() {
  const { t } = useTranslation("memory");
  const { filter } = useMemoryFilter();
  const [forget, { error, isLoading }] = useForgetMemoriesMutation();
  const { collection, agent, workflowId, runId } = filter;
  const isNarrow = [collection, agent, workflowId, runId].some((one) => one !== null);
  return (
    <Forget
      label={t("kept.forget_all")}
      text={t("kept.forget_all_text")}
      reason={isNarrow && filter.query === null ? undefined : t("kept.forget_all_needs")}
      error={error}
      isBusy={isLoading}
      onForget={async () => {
        const forgetMemories = { collection, agent, workflow_id: workflowId, run_id: runId };
        return !(await forget({ forgetMemories })).error;
      }}
    />
  );
}

function Forget(props: {
  label: string;
  text: string;
  reason?: string | undefined;
  error: unknown;
  isBusy: boolean;
  onForget: () => Promise<boolean>;
}) {
  const { t } = useTranslation("memory");
  const { write } = useMay();
  const [isAsked, setIsAsked] = useState(false);
  const reason = write ? props.reason : t("not_allowed");
  const close = () => setIsAsked(false);
  return (
    <>
      <Button
        variant="default"
        color="red"
        disabled={reason !== undefined}
        title={reason}
        onClick={() => setIsAsked(true)}
      >
        {props.label}
      </Button>
      <Dialog opened={isAsked} onClose={close} title={props.label}>
        <p>{props.text}</p>
        {isProblem(props.error) && (
          <Text c="red" role="alert">
            {reasonOf(props.error)}
          </Text>
        )}
        <DialogFoot onClose={close} way={t("cancel")}>
          <Button
            color="red"
            loading={props.isBusy}
            onClick={async () => {
              if (await props.onForget()) close();
            }}
          >
            {t("kept.forget_for_good")}
          </Button>
        </DialogFoot>
      </Dialog>
    </>
  );
}
