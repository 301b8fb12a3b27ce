import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./table.module.css";

/** A table whose lines are opened by a click anywhere on them; the class given has the tracks of its columns. */
export function LinkTable(props: {
  className: string | undefined;
  label: string;
  columns: string[];
  /** The head of a column before the names. */
  lead?: ReactNode;
  /** What the last column is for whose head shows nothing. */
  actions?: string;
  children: ReactNode;
}) {
  return (
    <div className={`${styles.table} ${props.className}`} role="table" aria-label={props.label}>
      <div className={styles.head} role="row">
        {props.lead && <span role="columnheader">{props.lead}</span>}
        {props.columns.map((column) => (
          <span key={column} role="columnheader">
            {column}
          </span>
        ))}
        {props.actions && (
          <span role="columnheader">
            <VisuallyHidden>{props.actions}</VisuallyHidden>
          </span>
        )}
      </div>
      {props.children}
    </div>
  );
}
