import { Button, Text } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { Run } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { BulkBar } from "@/shared/ui/bulk-bar";
import danger from "@/shared/ui/danger.module.css";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { CommandButton } from "../control/command-button";
import { PERMISSIONS } from "../control/commands";
import { type BulkCommand, takersOf, useBulk } from "./use-bulk";

/** What can be done with the runs that are chosen. */
export function RunsBulkBar({ runs, onClear }: { runs: Run[]; onClear: () => void }) {
  const { t } = useTranslation("runs");
  const { me } = useSelector(selectSession);
  const { carryOut, busy } = useBulk();
  const [isAsking, setIsAsking] = useState(false);
  const why = (command: BulkCommand) => {
    if (!me?.permissions.includes(PERMISSIONS[command])) return t("control.forbidden");
    return takersOf(runs, command).length === 0 ? t(`bulk.no_${command}`) : undefined;
  };
  const does = async (command: BulkCommand) => {
    setIsAsking(false);
    await carryOut(command, runs);
    onClear();
  };
  const cancelled = takersOf(runs, "cancel").length;
  return (
    <>
      <BulkBar
        label={t("bulk.title")}
        said={t("bulk.chosen", { count: runs.length })}
        clear={t("bulk.clear")}
        onClear={onClear}
      >
        <CommandButton
          size="xs"
          color="red"
          variant="light"
          leftSection={<IconPlayerStop size={14} />}
          why={why("cancel")}
          loading={busy === "cancel"}
          onClick={() => setIsAsking(true)}
        >
          {t("cancel")}
        </CommandButton>
        <CommandButton
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          why={why("retry")}
          loading={busy === "retry"}
          onClick={() => void does("retry")}
        >
          {t("retry")}
        </CommandButton>
      </BulkBar>
      <Dialog
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t("bulk.cancel_title", { count: cancelled })}
      >
        <Text size="sm">{t("bulk.cancel_text")}</Text>
        <DialogFoot onClose={() => setIsAsking(false)} way={t("bulk.keep")} mt="md">
          <Button className={danger.danger} onClick={() => void does("cancel")}>
            {t("bulk.cancel_sure", { count: cancelled })}
          </Button>
        </DialogFoot>
      </Dialog>
    </>
  );
}
