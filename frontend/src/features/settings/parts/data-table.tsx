import type { CSSProperties, ReactNode } from "react";
import table from "@/shared/ui/table.module.css";
import styles from "./parts.module.css";

export interface Column<T> {
  label: string;
  cell: (item: T) => ReactNode;
  /** A track of the grid; without it the column shares what is left. */
  width?: string;
}

/** A table that becomes a list of cards where there is no room for columns. */
export function DataTable<T>(props: {
  label: string;
  columns: Column<T>[];
  items: T[];
  keyOf: (item: T) => string | number;
}) {
  const { label, columns, items, keyOf } = props;
  const tracks = columns.map(({ width }) => width ?? "minmax(0, 1fr)").join(" ");
  return (
    <div
      className={`${table.table} ${styles.lines}`}
      role="table"
      aria-label={label}
      style={{ "--tracks": tracks } as CSSProperties}
    >
      <div className={table.head} role="row">
        {columns.map((column) => (
          <span key={column.label} role="columnheader">
            {column.label}
          </span>
        ))}
      </div>
      {items.map((item) => (
        <div key={keyOf(item)} className={table.row} role="row">
          {columns.map((column) => (
            <div key={column.label} className={styles.cell} role="cell" data-label={column.label}>
              {column.cell(item)}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
