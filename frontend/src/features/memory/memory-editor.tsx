import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCorrectMemoryMutation } from "@/api/generated";
import { isProblem, reasonOf } from "@/shared/lib/problem";
import { ForgetOne } from "./forget-dialogs";
import type { TaggedMemory } from "./one-memory";
import { useMay } from "./use-may";

/** What agents find from now on; what somebody else has saved meanwhile is not written over. */
export function MemoryEditor({ memory, onGone }: { memory: TaggedMemory; onGone: () => void }) {
  const { t } = useTranslation("memory");
  const { write } = useMay();
  const [text, setText] = useState(memory.text);
  const [correct, { error, isLoading, isSuccess }] = useCorrectMemoryMutation();
  const problem = isProblem(error) ? error : undefined;
  const isChanged = text !== memory.text;
  const save = () =>
    correct({
      memoryId: memory.id,
      "if-match": memory.etag ?? null,
      correctedMemory: { text },
    });
  return (
    <Stack gap="sm">
      <Textarea
        label={t("kept.says")}
        description={write ? t("kept.says_text") : t("not_allowed")}
        autosize
        minRows={4}
        maxRows={18}
        maxLength={100_000}
        readOnly={!write}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {problem && (
        <Alert color="red" role="alert" title={problem.title}>
          {problem.status === 412 ? t("kept.stale") : reasonOf(problem)}
        </Alert>
      )}
      <Group>
        <Button
          loading={isLoading}
          disabled={!write || !isChanged || text.trim() === ""}
          onClick={() => void save()}
        >
          {t("kept.correct")}
        </Button>
        <ForgetOne memory={memory} onGone={onGone} />
        <output>{isSuccess && !isChanged ? t("kept.saved") : ""}</output>
      </Group>
    </Stack>
  );
}
