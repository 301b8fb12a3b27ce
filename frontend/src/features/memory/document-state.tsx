import {
  IconAlertTriangle,
  IconCircleCheck,
  IconEyeOff,
  IconLoader,
  IconSkull,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { MemoryDocument } from "@/api/generated";
import styles from "./memory.module.css";

const ICONS = { ready: IconCircleCheck, failed: IconAlertTriangle, dead: IconSkull };

export function isOnItsWay({ status }: MemoryDocument): boolean {
  return !(status in ICONS);
}

/** How far a document is, as icon and word; while it is embedded, how much of it. */
export function DocumentState({ document }: { document: MemoryDocument }) {
  const { t } = useTranslation("memory");
  const { status, passages, embedded, problem, quarantined } = document;
  const Icon = quarantined ? IconEyeOff : (ICONS[status as keyof typeof ICONS] ?? IconLoader);
  const word = t(quarantined ? "quarantined" : `statuses.${status}`);
  return (
    <span className={styles.state} data-status={quarantined ? "hidden" : status}>
      <Icon size={15} aria-hidden />
      <span>
        {word}
        {problem && <span className={styles.problem}>{problem.message}</span>}
      </span>
      {status === "embedding" && passages > 0 && (
        <progress value={embedded} max={passages} aria-label={t("progress")} />
      )}
    </span>
  );
}
