import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Collection } from "@/api/generated";
import { compactNumber } from "@/shared/lib/format";
import styles from "./memory.module.css";

export function CollectionList(props: { collections: Collection[]; chosen: string }) {
  const { t } = useTranslation("memory");
  return (
    <nav aria-label={t("collections")}>
      <ul className={styles.list}>
        {props.collections.map((one) => (
          <li key={one.name}>
            <Link
              className={styles.row}
              to={{ search: `?collection=${encodeURIComponent(one.name)}` }}
              aria-current={one.name === props.chosen ? "true" : undefined}
            >
              <span className={styles.rowTitle}>
                {one.name}
                {one.readers.length > 0 && <IconLock size={14} aria-label={t("closed")} />}
              </span>
              <span className={styles.facts}>
                <span>{t("documents", { count: one.documents })}</span>
                <span>
                  {t("passages", { count: one.passages, shown: compactNumber(one.passages) })}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
