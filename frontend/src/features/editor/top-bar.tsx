import { ActionIcon, Button, UnstyledButton } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronLeft,
  IconCode,
  IconListTree,
  IconPlayerPlay,
  IconRocket,
  IconSparkles,
  IconUsers,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { Link } from "react-router";
import { isMap } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import type { EditorActions } from "./commands/editor-actions";
import styles from "./editor.module.css";
import { redone, selectEditor, selectHistory, selectWorkflow, undone } from "./editor-slice";
import { SaveStatus } from "./save/save-status";
import type { SaveState } from "./save/use-autosave";

interface TopBarProps {
  save: SaveState;
  views: { code: boolean; outline: boolean };
  actions: EditorActions;
}

/** What the workflow is called, whether it is saved, and what can be done with all of it. */
export function TopBar({ save, views, actions }: TopBarProps) {
  const { t } = useTranslation("editor");
  const { data } = useSelector(selectWorkflow);
  const { published_version, workflow_id } = useSelector(selectEditor);
  const metadata = isMap(data.metadata) ? data.metadata : {};
  return (
    <header className={styles.bar}>
      <ActionIcon component={Link} to="/workflows" aria-label={t("back")} size="lg">
        <IconChevronLeft size={18} />
      </ActionIcon>
      <div className={styles.titles}>
        <h1 className={styles.title}>{String(metadata.title || metadata.name || t("untitled"))}</h1>
        <UnstyledButton className={styles.version ?? ""} onClick={actions.versions}>
          {published_version === null
            ? t("never_published")
            : t("published", { version: published_version })}
        </UnstyledButton>
      </div>
      <SaveStatus state={save} />
      <span className={styles.space} />
      <HistoryButtons />
      <ActionIcon
        size="lg"
        className={styles.roomy ?? ""}
        aria-label={t("commands.propose")}
        data-hint={t("commands.propose")}
        onClick={actions.propose}
      >
        <IconSparkles size={18} />
      </ActionIcon>
      <ActionIcon
        size="lg"
        variant={views.outline ? "light" : "subtle"}
        aria-label={t("outline.title")}
        data-hint={t("commands.outline")}
        aria-pressed={views.outline}
        onClick={actions.toggleOutline}
      >
        <IconListTree size={18} />
      </ActionIcon>
      <Button
        variant={views.code ? "light" : "default"}
        aria-pressed={views.code}
        leftSection={<IconCode size={16} />}
        onClick={actions.toggleCode}
      >
        YAML
      </Button>
      <ActionIcon
        component={Link}
        to={`/workflows/${workflow_id}/sharing`}
        size="lg"
        variant="subtle"
        className={styles.roomy ?? ""}
        aria-label={t("share")}
      >
        <IconUsers size={18} />
      </ActionIcon>
      <Button variant="default" leftSection={<IconRocket size={16} />} onClick={actions.publish}>
        {t("publish")}
      </Button>
      <Button leftSection={<IconPlayerPlay size={16} />} onClick={actions.run}>
        {t("run.run")}
      </Button>
    </header>
  );
}

function HistoryButtons() {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const { past, future } = useSelector(selectHistory);
  const back = past.at(-1)?.label;
  const forth = future[0]?.label;
  return (
    <>
      <ActionIcon
        size="lg"
        aria-label={t("undo_action")}
        data-hint={back ? t("undo_what", { label: back }) : t("nothing_to_undo")}
        aria-disabled={!back}
        data-disabled={!back || undefined}
        onClick={() => dispatch(undone())}
      >
        <IconArrowBackUp size={18} />
      </ActionIcon>
      <ActionIcon
        size="lg"
        className={styles.roomy ?? ""}
        aria-label={t("redo_action")}
        data-hint={forth ? t("redo_what", { label: forth }) : t("nothing_to_redo")}
        aria-disabled={!forth}
        data-disabled={!forth || undefined}
        onClick={() => dispatch(redone())}
      >
        <IconArrowForwardUp size={18} />
      </ActionIcon>
    </>
  );
}
