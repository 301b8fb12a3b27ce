import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./bulk-bar.module.css";

/** What can be done with the lines of a list that are ticked, how many they are, and the way to tick none. */
export function BulkBar(props: {
  label: string;
  said: string;
  clear: string;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <section className={styles.bulk} aria-label={props.label}>
      <span role="status">{props.said}</span>
      {props.children}
      <Button size="xs" variant="subtle" onClick={props.onClear}>
        {props.clear}
      </Button>
    </section>
  );
}
