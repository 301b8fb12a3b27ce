import { Button, Text } from "@mantine/core";
import { IconBolt, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/api/use-may";
import danger from "@/shared/ui/danger.module.css";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { useRunCommand } from "./use-run-command";

/** What a step takes back may need a while; only then there is a harder way. */
export const PATIENCE_MS = 10_000;

/** While a run is being cancelled: nothing to do at first, then an end at once for who may cancel. */
export default function KillAction({ id }: { id: string }) {
  const { t } = useTranslation("runs");
  const may = useMay("runs:cancel");
  const isLate = useIsLate();
  const [isAsking, setIsAsking] = useState(false);
  const { carryOut, busy } = useRunCommand(id);
  if (!isLate || !may) {
    return (
      <Button color="red" variant="light" disabled leftSection={<IconPlayerStop size={16} />}>
        {t("cancel")}
      </Button>
    );
  }
  const end = async () => {
    if (await carryOut("kill")) setIsAsking(false);
  };
  return (
    <>
      <Button
        className={danger.danger}
        leftSection={<IconBolt size={16} />}
        onClick={() => setIsAsking(true)}
      >
        {t("control.kill")}
      </Button>
      <Dialog opened={isAsking} onClose={() => setIsAsking(false)} title={t("control.kill_title")}>
        <Text size="sm">{t("control.kill_text")}</Text>
        <DialogFoot onClose={() => setIsAsking(false)} way={t("control.wait")} mt="md">
          <Button className={danger.danger} loading={busy === "kill"} onClick={() => void end()}>
            {t("control.kill")}
          </Button>
        </DialogFoot>
      </Dialog>
    </>
  );
}

function useIsLate(): boolean {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
}
