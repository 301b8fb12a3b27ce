/** Carries out a command on a run, and says in the corner why it was refused. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/api";
import { followAgain } from "@/realtime/use-run-feed";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { tellFailure } from "@/shared/lib/tell";
import type { RunCommandName } from "./commands";

type Command = RunCommandName | "kill";

export function useRunCommand(runId: string) {
  const { t } = useTranslation("runs");
  const dispatch = useAppDispatch();
  const [busy, setBusy] = useState<Command>();
  const carryOut = async (name: Command) => {
    setBusy(name);
    const command = api.endpoints[`${name}Run`].initiate({ runId, body: null }, { track: false });
    const { error } = await dispatch(command);
    setBusy(undefined);
    if (error) await tellFailure(error, t("control.refused"));
    // What ended has a stream that is closed; and of a refusal the page may not know the reason yet.
    if (error || name === "retry") followAgain(runId);
    return !error;
  };
  return { carryOut, busy };
}
