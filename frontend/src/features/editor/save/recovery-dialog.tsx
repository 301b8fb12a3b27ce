import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useNavigate } from "react-router";
import { useCreateWorkflowMutation } from "@/api/generated";
import { withFreeName } from "@/domain/document/free-name";
import { readWorkflow } from "@/domain/document/workflow";
import { isMap } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { documentRecovered, selectEditor } from "../editor-slice";
import { dropJournal, type Journal } from "./journal";
import { useJournalKey } from "./use-journal";
import { recovered } from "./use-opening";

/** Changes that a closed tab left here: go on with them, let them go, or make them a workflow of their own. */
export default function RecoveryDialog(props: { journal: Journal; onDone: () => void }) {
  const { journal, onDone } = props;
  const { t, i18n } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const { workflow_id, tests } = useSelector(selectEditor);
  const key = useJournalKey(workflow_id);
  const [createWorkflow, { error, isLoading }] = useCreateWorkflowMutation();
  const problem = isProblem(error) ? error : undefined;
  const when = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  const resume = () => {
    dispatch(documentRecovered(recovered(journal)));
    onDone();
  };
  const discard = async () => {
    await dropJournal(key);
    onDone();
  };
  const copy = async () => {
    const { source, layout } = journal.doc;
    const { metadata } = readWorkflow(source).data;
    const name = isMap(metadata) && typeof metadata.name === "string" ? metadata.name : "copy";
    const made = await createWorkflow({
      saveWorkflow: {
        source: withFreeName(source, name),
        layout: JSON.parse(JSON.stringify(layout)),
        tests,
      },
    });
    if (!made.data) return;
    await discard();
    await navigate(`/workflows/${made.data.id}`);
  };
  return (
    <Dialog opened onClose={resume} title={t("recovery.title")}>
      <Stack>
        <Text c="dimmed">{t("recovery.text", { when: when.format(journal.kept_at) })}</Text>
        {problem && (
          <Alert color="red" title={problem.title}>
            {problem.detail}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="subtle" color="red" onClick={discard}>
            {t("recovery.discard")}
          </Button>
          <Button variant="default" loading={isLoading} onClick={copy}>
            {t("recovery.copy")}
          </Button>
          <Button onClick={resume}>{t("recovery.resume")}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
