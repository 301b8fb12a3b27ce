import { Skeleton } from "@mantine/core";
import styles from "./table.module.css";

/** A table that is on its way; the widths are those of its first cells. */
export function TableSkeleton(props: {
  className?: string | undefined;
  rows: number;
  widths: (number | string)[];
}) {
  return (
    <div className={`${styles.table} ${props.className}`} aria-hidden>
      {Array.from({ length: props.rows }, (_, row) => row).map((row) => (
        <div key={row} className={styles.row}>
          {props.widths.map((width) => (
            <Skeleton key={width} height={18} width={width} />
          ))}
        </div>
      ))}
    </div>
  );
}
