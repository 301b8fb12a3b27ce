import { Alert, Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector, useStore } from "react-redux";
import { useListVersionsQuery, useRestoreVersionMutation } from "@/api/generated";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { ErrorState } from "@/shared/ui/error-state";
import { documentOpened, type EditorState, selectEditor } from "../editor-slice";
import { VersionDifference } from "./version-difference";
import { VersionList } from "./version-list";
import styles from "./versions.module.css";

/** What was published, what is different now, and the way back. */
export default function VersionsDialog(props: {
  onClose: () => void;
  onSave: () => Promise<boolean>;
}) {
  const { onClose, onSave } = props;
  const { t } = useTranslation("editor");
  const { workflow_id } = useSelector(selectEditor);
  const { data, error, refetch } = useListVersionsQuery(
    { workflowId: workflow_id },
    { refetchOnMountOrArgChange: true },
  );
  const [chosen, setChosen] = useState<number>();
  const items = data?.items ?? [];
  const version = chosen ?? items[0]?.version;
  const { restore, isLoading, problem } = useRestoring(onSave, onClose);
  return (
    <Dialog opened onClose={onClose} title={t("versions.title")} size={860}>
      {error && !data ? <ErrorState error={error} onRetry={refetch} /> : null}
      {!data && !error && <Skeleton height={240} />}
      {data && items.length === 0 && <p className={styles.none}>{t("versions.none")}</p>}
      {problem && <Alert color="red">{problem.detail || problem.title}</Alert>}
      {version !== undefined && (
        <div className={styles.columns}>
          <VersionList items={items} chosen={version} onChoose={setChosen} />
          <VersionDifference workflowId={workflow_id} version={version} onSave={onSave} />
        </div>
      )}
      <DialogFoot onClose={onClose} way={t("common:actions.close")} mt="md">
        {version !== undefined && (
          <Button loading={isLoading} onClick={() => restore(version)}>
            {t("versions.restore", { version })}
          </Button>
        )}
      </DialogFoot>
    </Dialog>
  );
}

/** What is edited now is saved first, so that the server keeps it in its history. */
function useRestoring(onSave: () => Promise<boolean>, onClose: () => void) {
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const [restoreVersion, { isLoading, error }] = useRestoreVersionMutation();
  const restore = async (version: number) => {
    if (!(await onSave())) return;
    // Saving has made another one of the state that was read.
    const { workflow_id, base_etag } = selectEditor(store.getState());
    const done = await restoreVersion({
      workflowId: workflow_id,
      "if-match": base_etag,
      restore: { version },
    });
    if (!done.data) return;
    dispatch(documentOpened(done.data));
    onClose();
  };
  return { restore, isLoading, problem: isProblem(error) ? error : undefined };
}
