/** One command for several runs: only for those that take it, a few at a time, and what came of it in one sentence. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Run, useCancelRunMutation, useRetryRunMutation } from "@/api/generated";
import { tellDone, tellFailure } from "@/shared/lib/tell";
import { commandsOf } from "../control/commands";

export type BulkCommand = "cancel" | "retry";
const AT_ONCE = 4;

/** Return those of the runs that take a command. */
export function takersOf(runs: Run[], command: BulkCommand): Run[] {
  return runs.filter(({ status }) => commandsOf(status).includes(command));
}

export function useBulk() {
  const { t } = useTranslation("runs");
  const [cancel] = useCancelRunMutation();
  const [retry] = useRetryRunMutation();
  const [busy, setBusy] = useState<BulkCommand>();
  const carryOut = async (command: BulkCommand, runs: Run[]) => {
    setBusy(command);
    const send = command === "cancel" ? cancel : retry;
    const waiting = takersOf(runs, command);
    const count = waiting.length;
    const errors: unknown[] = [];
    const work = async () => {
      for (let run = waiting.shift(); run; run = waiting.shift()) {
        const { error } = await send({ runId: run.id, body: null });
        if (error) errors.push(error);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    setBusy(undefined);
    const done = count - errors.length;
    if (done > 0) await tellDone(t(`bulk.${command}_done`, { count: done }));
    if (errors.length > 0)
      await tellFailure(errors[0], t("bulk.refused", { count: errors.length }));
  };
  return { carryOut, busy };
}
