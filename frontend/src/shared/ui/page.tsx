import type { ReactNode } from "react";
import styles from "./page.module.css";

/** A page with a head line: what it is, and what one can do here. */
export function Page(props: {
  title: string;
  text?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1 className={styles.title}>{props.title}</h1>
          {props.text && <p className={styles.text}>{props.text}</p>}
        </div>
        {props.actions && <div className={styles.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}
