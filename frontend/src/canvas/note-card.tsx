import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCanvas } from "./canvas-events";
import styles from "./cards.module.css";
import type { NoteNode } from "./graph";
import { useWriting } from "./writing";

/** A remark beside the steps: double-click or Enter edits it. */
export const NoteCard = memo(function NoteCard({ id, data, selected }: NodeProps<NoteNode>) {
  const { note } = data;
  const { t } = useTranslation("canvas");
  const { mode, events } = useCanvas();
  const { written, write } = useWriting();
  const isNew = note.text === "" && mode === "edit";
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a note that was just put here asks for its words
  useEffect(() => {
    if (isNew) write(id);
  }, []);
  const isOpen = written === id && mode === "edit";
  return (
    <div
      id={id}
      role="note"
      className={styles.note}
      data-colour={note.colour}
      data-selected={selected || undefined}
      onDoubleClick={() => write(id)}
    >
      <NodeResizer
        isVisible={!!selected && mode === "edit"}
        minWidth={120}
        minHeight={64}
        lineClassName={styles.resizeLine ?? ""}
        handleClassName={styles.resizeHandle ?? ""}
        onResizeEnd={(_, size) =>
          events.onNote({ ...note, x: size.x, y: size.y, width: size.width, height: size.height })
        }
      />
      {isOpen ? (
        <textarea
          className="nodrag nowheel"
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to edit this note
          autoFocus
          aria-label={t("note")}
          defaultValue={note.text}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          onBlur={(event) => {
            write(undefined);
            if (event.currentTarget.value !== note.text)
              events.onNote({ ...note, text: event.currentTarget.value });
          }}
        />
      ) : (
        <p>{note.text}</p>
      )}
    </div>
  );
});
