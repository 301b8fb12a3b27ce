import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { VersionSummary } from "@/api/generated";
import styles from "./versions.module.css";

/** Versions, the newest first, with who published them and why. */
export function VersionList(props: {
  items: VersionSummary[];
  chosen: number;
  onChoose: (version: number) => void;
}) {
  const { items, chosen, onChoose } = props;
  const { t, i18n } = useTranslation("editor");
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <ul className={styles.list} aria-label={t("versions.title")}>
      {items.map(({ version, note, published_at, published_by }) => (
        <li key={version}>
          <UnstyledButton
            className={styles.version ?? ""}
            aria-pressed={version === chosen}
            onClick={() => onChoose(version)}
          >
            <strong>{t("versions.version", { version })}</strong>
            <span>{date.format(new Date(published_at))}</span>
            {published_by && <span>{published_by}</span>}
            {note && <span className={styles.note}>{note}</span>}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
