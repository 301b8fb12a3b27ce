import { ActionIcon } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./run.module.css";

const MOST = 100_000;

/** A value as text: strings as they are, everything else as JSON; a very long one is cut where it is shown. */
export function JsonBlock({ title, value, none }: { title: string; value: unknown; none: string }) {
  const { t } = useTranslation("runs");
  const isNothing =
    value === null ||
    value === undefined ||
    (typeof value === "object" && Object.keys(value).length === 0);
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <section className={styles.block}>
      <header>
        <h3>{title}</h3>
        {!isNothing && (
          <ActionIcon
            aria-label={t("copy")}
            data-hint={t("copy")}
            onClick={() => navigator.clipboard.writeText(text)}
          >
            <IconCopy size={15} />
          </ActionIcon>
        )}
      </header>
      {isNothing ? <p className={styles.quiet}>{none}</p> : <pre>{text.slice(0, MOST)}</pre>}
      {!isNothing && text.length > MOST && (
        <p className={styles.quiet}>{t("cut", { count: text.length - MOST })}</p>
      )}
    </section>
  );
}
