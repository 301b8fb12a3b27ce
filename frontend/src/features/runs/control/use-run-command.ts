/** Carries out a command on a run, and says in the corner why it was refused. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  useCancelRunMutation,
  useKillRunMutation,
  usePauseRunMutation,
  useResumeRunMutation,
  useRetryRunMutation,
} from "@/api/generated";
import { followAgain } from "@/realtime/use-run-feed";
import { tellFailure } from "@/shared/lib/tell";
import type { RunCommandName } from "./commands";

type Command = RunCommandName | "kill";

export function useRunCommand(runId: string) {
  const { t } = useTranslation("runs");
  const [busy, setBusy] = useState<Command>();
  const [cancel] = useCancelRunMutation();
  const [kill] = useKillRunMutation();
  const [pause] = usePauseRunMutation();
  const [resume] = useResumeRunMutation();
  const [retry] = useRetryRunMutation();
  const commands = { cancel, kill, pause, resume, retry };
  const carryOut = async (name: Command) => {
    setBusy(name);
    const { error } = await commands[name]({ runId, body: null });
    setBusy(undefined);
    if (error) await tellFailure(error, t("control.refused"));
    // What ended has a stream that is closed; and of a refusal the page may not know the reason yet.
    if (error || name === "retry") followAgain(runId);
    return !error;
  };
  return { carryOut, busy };
}
