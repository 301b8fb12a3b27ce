import { Button } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { LateCanvas } from "@/canvas/late-canvas";
import { isMap } from "@/domain/expressions/values";
import { selectDoc, selectWorkflow } from "../editor-slice";
import { useCatalogue } from "../use-catalogue";
import styles from "./save.module.css";

/** The workflow as another tab edits it, live; it can be taken over. */
export default function FollowedWorkflow({ onTakeOver }: { onTakeOver: () => void }) {
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const { layout } = useSelector(selectDoc);
  const { looks } = useCatalogue();
  const nothing = useMemo(
    () => ({ paths: new Set<string>(), marks: new Map<string, never>() }),
    [],
  );
  const metadata = isMap(workflow.data.metadata) ? workflow.data.metadata : {};
  return (
    <div className={styles.elsewhere}>
      <header className={styles.elsewhereBar}>
        <h1>{String(metadata.title || metadata.name || t("untitled"))}</h1>
        <p className={styles.elsewhereText} role="status">
          {t("elsewhere.text")}
        </p>
        <Button onClick={onTakeOver}>{t("elsewhere.take_over")}</Button>
      </header>
      <LateCanvas
        workflow={workflow}
        layout={layout}
        mode="run"
        selection={nothing.paths}
        looks={looks}
        problems={nothing.marks}
        states={nothing.marks}
      />
    </div>
  );
}
