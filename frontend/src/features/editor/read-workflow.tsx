import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/api/use-may";
import { late } from "@/shared/lib/late";
import { WatchedWorkflow } from "./watched-workflow";

const RunDialog = late(() => import("./run-dialog"));
/** Nothing was changed here. */
const nothingToSave = async () => true;

/** The workflow for somebody who may not change it: looked at, and run where their role allows that. */
export default function ReadWorkflow() {
  const { t } = useTranslation("editor");
  const mayRun = useMay("runs:start");
  const [isStarting, setIsStarting] = useState(false);
  return (
    <>
      <WatchedWorkflow text={t("may_not_edit")}>
        {mayRun && (
          <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => setIsStarting(true)}>
            {t("run.run")}
          </Button>
        )}
      </WatchedWorkflow>
      <Suspense fallback={null}>
        {isStarting && <RunDialog onClose={() => setIsStarting(false)} onSave={nothingToSave} />}
      </Suspense>
    </>
  );
}
