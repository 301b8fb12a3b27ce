import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Conflict } from "@/shared/hooks/use-merging";
import type { Difference } from "@/shared/lib/three-way";
import styles from "./conflict-notice.module.css";

interface Props {
  conflict: Conflict;
  /** What a field is called. */
  labelOf: (field: string) => string;
  /** How a value is written; without it, as it is. */
  show?: ((field: string, value: unknown) => string) | undefined;
}

/** Somebody else saved what is being edited: what they changed, and whose words go on. */
export function ConflictNotice({ conflict, labelOf, show }: Props) {
  const { t } = useTranslation();
  const { isGone, changes } = conflict;
  return (
    <section className={styles.notice} role="alert" aria-label={t("conflict.title")}>
      <strong>{t(isGone ? "conflict.gone" : "conflict.title")}</strong>
      <p>{t(isGone ? "conflict.gone_text" : "conflict.text")}</p>
      {!isGone && changes.length === 0 && <p>{t("conflict.nothing")}</p>}
      {changes.length > 0 && (
        <ul className={styles.changes}>
          {changes.map((change) => (
            <Change
              key={change.field}
              change={change}
              label={labelOf(change.field)}
              show={(value) => (show ? show(change.field, value) : written(value))}
            />
          ))}
        </ul>
      )}
      <Group gap="xs" mt="xs">
        <Button size="xs" onClick={conflict.keep}>
          {t(isGone ? "conflict.anew" : "conflict.keep")}
        </Button>
        <Button size="xs" variant="default" onClick={conflict.take}>
          {t(isGone ? "conflict.drop" : "conflict.take")}
        </Button>
      </Group>
    </section>
  );
}

function Change(props: { change: Difference; label: string; show: (value: unknown) => string }) {
  const { t } = useTranslation();
  const { change, label, show } = props;
  const theirs = change.theirs === undefined ? t("conflict.taken_away") : show(change.theirs);
  return (
    <li>
      <span className={styles.field}>{label}</span>{" "}
      <span className={styles.value}>{t("conflict.theirs", { value: theirs || "–" })}</span>
      {change.isBoth && (
        <span className={styles.value}>
          {t("conflict.mine", {
            value: change.mine === undefined ? t("conflict.taken_away") : show(change.mine) || "–",
          })}
        </span>
      )}
    </li>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(written).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
