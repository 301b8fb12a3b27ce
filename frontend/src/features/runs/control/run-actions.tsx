import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { RunStatus } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { late } from "@/shared/lib/late";
import { CommandButton } from "./command-button";
import { commandsOf, PERMISSIONS, type RunCommandName } from "./commands";
import { useRunCommand } from "./use-run-command";

const KillAction = late(() => import("./kill-action"));

const LOOKS: Record<RunCommandName, { icon: typeof IconRefresh; color?: string }> = {
  pause: { icon: IconPlayerPause },
  resume: { icon: IconPlayerPlay },
  cancel: { icon: IconPlayerStop, color: "red" },
  retry: { icon: IconRefresh },
};

/** What can be done with a run as it is now; who may not, reads why. */
export function RunActions({ id, status }: { id: string; status: RunStatus }) {
  const { t } = useTranslation("runs");
  const { me } = useSelector(selectSession);
  const { carryOut, busy } = useRunCommand(id);
  if (status === "cancelling") {
    return (
      <Suspense>
        <KillAction id={id} />
      </Suspense>
    );
  }
  return commandsOf(status).map((name) => {
    const { icon: Icon, color } = LOOKS[name];
    const may = me?.permissions.includes(PERMISSIONS[name]) ?? false;
    return (
      <CommandButton
        key={name}
        variant={color ? "light" : name === "retry" ? "filled" : "default"}
        {...(color && { color })}
        leftSection={<Icon size={16} />}
        loading={busy === name}
        why={may ? undefined : t("control.forbidden")}
        onClick={() => void carryOut(name)}
      >
        {t(name === "cancel" || name === "retry" ? name : `control.${name}`)}
      </CommandButton>
    );
  });
}
