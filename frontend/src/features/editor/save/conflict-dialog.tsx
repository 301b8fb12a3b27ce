import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { WorkflowDocument } from "@/api/generated";
import type { Conflict } from "@/domain/merge/merge-data";
import type { Side } from "@/domain/merge/merge-lines";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { documentMerged, selectEditor } from "../editor-slice";
import { ConflictChoice } from "./conflict-choice";
import { mergedWith } from "./merging";

interface ConflictDialogProps {
  theirs: WorkflowDocument;
  onSave: () => void;
}

/** Somebody else changed the same: each place is chosen about, all the rest of both sides is kept. */
export default function ConflictDialog({ theirs, onSave }: ConflictDialogProps) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const state = useSelector(selectEditor);
  const { conflicts } = useMemo(() => mergedWith(state, theirs), [state, theirs]);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const sideOf = ({ path }: Conflict): Side => choices.get(path) ?? "mine";
  const all = (side: Side) => new Map(conflicts.map(({ path }) => [path, side] as const));
  const finish = (chosen: ReadonlyMap<string, Side>) => {
    dispatch(documentMerged(mergedWith(state, theirs, chosen).merged));
    onSave();
  };
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      size="xl"
      title={t("conflict.title")}
    >
      <Stack>
        <Text c="dimmed">{t("conflict.text")}</Text>
        {conflicts.map((conflict) => (
          <ConflictChoice
            key={conflict.path}
            conflict={conflict}
            side={sideOf(conflict)}
            onChoose={(side) => setChoices(new Map(choices).set(conflict.path, side))}
          />
        ))}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => finish(all("theirs"))}>
            {t("conflict.theirs")}
          </Button>
          <Button variant="default" onClick={() => finish(all("mine"))}>
            {t("conflict.mine")}
          </Button>
          <Button onClick={() => finish(new Map(conflicts.map((one) => [one.path, sideOf(one)])))}>
            {t("conflict.apply")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
