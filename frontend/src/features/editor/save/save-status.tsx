import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCloudCheck, IconCloudOff, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectUnsaved } from "../editor-slice";
import styles from "./save.module.css";
import type { SaveState } from "./use-autosave";

const ICONS = {
  saved: <IconCloudCheck size={15} />,
  dirty: <IconPencil size={15} />,
  saving: <Loader size={12} />,
  offline: <IconCloudOff size={15} />,
  conflict: <IconAlertTriangle size={15} />,
  refused: <IconAlertTriangle size={15} />,
};

/** Whether the server has what is on the screen. */
export function SaveStatus({ state }: { state: SaveState }) {
  const { t } = useTranslation("editor");
  const count = useSelector(selectUnsaved);
  const detail = "problem" in state ? state.problem.detail || state.problem.title : undefined;
  return (
    <span className={styles.status} data-status={state.status} role="status" title={detail}>
      {ICONS[state.status]}
      <span className={styles.word}>{t(`save.${state.status}`, { count })}</span>
    </span>
  );
}
