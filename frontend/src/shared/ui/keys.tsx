import { Kbd } from "@mantine/core";
import { printedKeys } from "../commands/keys";
import styles from "./keys.module.css";

/** Keys as they look on the keyboard. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={styles.keys}>
      {printedKeys(keys).map((key) => (
        <Kbd key={key} size="xs">
          {key}
        </Kbd>
      ))}
    </span>
  );
}
