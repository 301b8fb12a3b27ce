import { useEffect, useRef } from "react";
import type { Command } from "@/shared/commands/command-store";
import { Keys } from "@/shared/ui/keys";
import styles from "./command-palette.module.css";

/** One command: its name, why it cannot be done now, its keys. */
export function PaletteRow(props: {
  id: string;
  command: Command;
  isActive: boolean;
  isFirst: boolean;
  onAct: () => void;
}) {
  const { id, command, isActive, isFirst, onAct } = props;
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isActive) row.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    <>
      {isFirst && (
        <div className={styles.group} role="presentation">
          {command.group}
        </div>
      )}
      <button
        ref={row}
        id={id}
        type="button"
        role="option"
        tabIndex={-1}
        aria-selected={isActive}
        aria-disabled={command.reason ? true : undefined}
        className={styles.row}
        onClick={onAct}
      >
        <span className={styles.label}>{command.label}</span>
        {command.reason && <span className={styles.reason}>{command.reason}</span>}
        {command.keys && <Keys keys={command.keys} />}
      </button>
    </>
  );
}
