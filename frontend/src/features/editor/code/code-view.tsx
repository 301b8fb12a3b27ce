import { Alert, Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { codeDiscarded, selectDoc, selectDraftCode } from "../editor-slice";
import styles from "./code-view.module.css";
import { useCodeEditor } from "./use-code-editor";

/** The document as text beside the canvas: both are edited, both follow. */
export default function CodeView({ problems }: { problems: DocumentProblem[] }) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const doc = useSelector(selectDoc);
  const draft = useSelector(selectDraftCode);
  const host = useCodeEditor(draft ?? doc.source, problems);
  return (
    <section className={styles.view} aria-label={t("code")} data-region="code">
      {draft !== null && (
        <Alert color="yellow" className={styles.banner ?? ""} title={t("code_broken")}>
          {t("code_broken_text")}{" "}
          <Button size="compact-xs" variant="default" onClick={() => dispatch(codeDiscarded())}>
            {t("discard_code")}
          </Button>
        </Alert>
      )}
      <div ref={host} className={styles.host} />
    </section>
  );
}
