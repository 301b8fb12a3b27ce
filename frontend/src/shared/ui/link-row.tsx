import type { ReactNode } from "react";
import { Link } from "react-router";
import styles from "./table.module.css";

/** A line of a table: what it opens, a word about it, and the cells after that. */
export function LinkRow(props: {
  to: string;
  name: string;
  sub: ReactNode;
  /** A cell before the name, such as a box to tick. */
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={`${styles.row} ${styles.link}`} role="row">
      {props.lead && (
        <span role="cell" className={styles.lead}>
          {props.lead}
        </span>
      )}
      <span role="cell" className={styles.name}>
        <Link to={props.to}>{props.name}</Link>
        <span className={styles.sub}>{props.sub}</span>
      </span>
      {props.children}
    </div>
  );
}
