import type { ComponentType, ReactNode } from "react";
import styles from "./states.module.css";

/** Nothing here yet: what would be here, why it is empty, and what to do. */
export function EmptyState(props: {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const { icon: Icon, title, children, actions } = props;
  return (
    <section className={styles.state}>
      <span className={styles.icon} aria-hidden>
        <Icon size={26} stroke={1.6} />
      </span>
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.text}>{children}</p>
      {actions && <div className={styles.actions}>{actions}</div>}
    </section>
  );
}
