import {
  Alert,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/shared/lib/problem";
import { blankSource } from "./new-source";
import { useWorkflowActions } from "./use-workflow-actions";

type Way = "blank" | "yaml";

/** Begins a workflow: from nothing, or from text somebody has. */
export function NewWorkflowDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("workflows");
  const [way, setWay] = useState<Way>("blank");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const { create } = useWorkflowActions();
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const made = await create(way === "blank" ? blankSource(text.trim()) : text);
    if (isProblem(made.error)) setError(made.error.detail || made.error.title);
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title={t("new")} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <SegmentedControl
            aria-label={t("new")}
            value={way}
            onChange={(value) => {
              setWay(value as Way);
              setText("");
            }}
            data={[
              { value: "blank", label: t("ways.blank") },
              { value: "yaml", label: t("ways.yaml") },
            ]}
          />
          {error && <Alert color="red">{error}</Alert>}
          {way === "blank" ? (
            <TextInput
              label={t("what")}
              placeholder={t("what_example")}
              data-autofocus
              required
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <Textarea
              label={t("paste")}
              required
              autosize
              minRows={10}
              maxRows={20}
              ff="monospace"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common:actions.cancel")}
            </Button>
            <Button type="submit">{t("common:actions.create")}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
