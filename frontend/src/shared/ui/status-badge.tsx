import {
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClockPause,
  IconHourglass,
  IconLoader2,
  IconPlayerPause,
  IconRecycle,
  IconRefresh,
  IconSlash,
  IconX,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import styles from "./status-badge.module.css";

type Tone = "running" | "succeeded" | "failed" | "waiting" | "queued" | "skipped";
interface Look {
  tone: Tone;
  icon: ComponentType<{ size?: number; stroke?: number; className?: string }>;
}

/** State is never colour alone: each has an icon and a word. */
export const LOOKS: Record<string, Look> = {
  pending: { tone: "skipped", icon: IconCircleDashed },
  queued: { tone: "queued", icon: IconHourglass },
  running: { tone: "running", icon: IconLoader2 },
  retrying: { tone: "waiting", icon: IconRefresh },
  waiting: { tone: "waiting", icon: IconClockPause },
  paused: { tone: "waiting", icon: IconPlayerPause },
  cancelling: { tone: "waiting", icon: IconBan },
  succeeded: { tone: "succeeded", icon: IconCheck },
  reused: { tone: "succeeded", icon: IconRecycle },
  failed: { tone: "failed", icon: IconX },
  skipped: { tone: "skipped", icon: IconSlash },
  cancelled: { tone: "skipped", icon: IconBan },
};
const UNKNOWN: Look = { tone: "queued", icon: IconCircleDashed };

export function lookOf(status: string): Look {
  return LOOKS[status] ?? UNKNOWN;
}

export function StatusBadge({ status, isSmall = false }: { status: string; isSmall?: boolean }) {
  const { t } = useTranslation();
  const { tone, icon: Icon } = lookOf(status);
  return (
    <span className={styles.badge} data-tone={tone} data-small={isSmall || undefined}>
      <Icon
        size={isSmall ? 12 : 14}
        stroke={2.2}
        className={status === "running" ? styles.turning : ""}
      />
      {t(`status.${status}`, status)}
    </span>
  );
}
