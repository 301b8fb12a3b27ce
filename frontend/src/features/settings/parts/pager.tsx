import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./parts.module.css";

/** Where one is in a list that is read page by page. */
export function usePager() {
  const [cursors, setCursors] = useState<string[]>([]);
  return {
    cursor: cursors.at(-1),
    isFirst: cursors.length === 0,
    forward: (cursor: string) => setCursors([...cursors, cursor]),
    back: () => setCursors(cursors.slice(0, -1)),
    restart: () => setCursors([]),
  };
}

/** Ways to the pages before and after; nothing while everything is on one. */
export function Pager({
  pager,
  next,
}: {
  pager: ReturnType<typeof usePager>;
  next: string | null;
}) {
  const { t } = useTranslation("settings");
  if (pager.isFirst && !next) return null;
  return (
    <nav className={styles.pager} aria-label={t("pages.title")}>
      <Button variant="default" disabled={pager.isFirst} onClick={pager.back}>
        {t("pages.back")}
      </Button>
      <Button variant="default" disabled={!next} onClick={() => next && pager.forward(next)}>
        {t("pages.next")}
      </Button>
    </nav>
  );
}
