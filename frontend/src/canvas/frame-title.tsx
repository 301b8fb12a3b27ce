import { useTranslation } from "react-i18next";
import type { Group } from "@/domain/layout/layout";
import { useCanvas } from "./canvas-events";
import styles from "./cards.module.css";
import { useWriting } from "./writing";

/** The title of a group; F2 or a double click rewrites it. */
export function FrameTitle({ id, group }: { id: string; group: Group }) {
  const { t } = useTranslation("canvas");
  const { mode, events } = useCanvas();
  const { written, write } = useWriting();
  if (mode !== "edit" || written !== id) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: a second way; F2 does the same
      <span className={styles.frameTitle} onDoubleClick={() => write(id)}>
        {group.title}
      </span>
    );
  }
  return (
    <input
      className={`${styles.frameTitle} nodrag`}
      // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
      autoFocus
      aria-label={t("group_title")}
      defaultValue={group.title}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") event.currentTarget.value = group.title;
        if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
      }}
      onBlur={(event) => {
        write(undefined);
        const title = event.currentTarget.value.trim();
        if (title && title !== group.title) events.onGroup({ ...group, title });
      }}
    />
  );
}
