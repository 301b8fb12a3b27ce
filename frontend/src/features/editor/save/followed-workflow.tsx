import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { WatchedWorkflow } from "../watched-workflow";

/** The workflow as another tab edits it, live; it can be taken over. */
export default function FollowedWorkflow({ onTakeOver }: { onTakeOver: () => void }) {
  const { t } = useTranslation("editor");
  return (
    <WatchedWorkflow text={t("elsewhere.text")}>
      <Button onClick={onTakeOver}>{t("elsewhere.take_over")}</Button>
    </WatchedWorkflow>
  );
}
