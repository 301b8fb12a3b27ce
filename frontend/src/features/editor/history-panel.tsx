import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { historyMoved, selectHistory } from "./editor-slice";
import styles from "./history-panel.module.css";

/** Every change of this sitting, the newest first: choosing one goes back to it, or forward again. */
export default function HistoryPanel() {
  const { t, i18n } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const { past, future } = useSelector(selectHistory);
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" });
  const moves = [...past, ...future].map(({ label, at }, position) => ({
    label,
    at,
    by: position + 1 - past.length,
  }));
  const begin = { label: t("history.begin"), at: undefined, by: -past.length };
  if (moves.length === 0) return <p className={styles.none}>{t("history.none")}</p>;
  return (
    <ol className={styles.list} aria-label={t("history.title")} reversed>
      {[begin, ...moves].toReversed().map(({ label, at, by }) => (
        <li key={by}>
          <UnstyledButton
            className={styles.change ?? ""}
            data-undone={by > 0 || undefined}
            aria-current={by === 0 ? "step" : undefined}
            onClick={() => dispatch(historyMoved(by))}
          >
            <span>{label}</span>
            {by > 0 && <span className={styles.mark}>{t("history.undone")}</span>}
            {by === 0 && <span className={styles.mark}>{t("history.now")}</span>}
            {at !== undefined && <time className={styles.time}>{time.format(at)}</time>}
          </UnstyledButton>
        </li>
      ))}
    </ol>
  );
}
