import { ActionIcon } from "@mantine/core";
import { IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { type CSSProperties, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isRunFinished, type RunView } from "@/domain/runs/run-view";
import { timelineOf, withoutIdle } from "@/domain/runs/timeline";
import { useNow } from "@/shared/hooks/use-now";
import { duration } from "@/shared/lib/format";
import styles from "./timeline.module.css";
import { TimelineRowView } from "./timeline-row";

const ZOOMS = [1, 2, 4, 8, 16];
const MARKS = [0, 0.25, 0.5, 0.75, 1];

/** When each step was at work: a table whose last column draws what the others say. */
export default function TimelineView({
  run,
  isLive,
  chosen,
  onChoose,
}: {
  run: RunView;
  /** Whether it is followed as it happens, and not played back. */
  isLive: boolean;
  chosen: string | undefined;
  onChoose: (runPath: string) => void;
}) {
  const { t } = useTranslation("runs");
  const now = useNow(!isRunFinished(run.status) && run.started_at !== null);
  const [zoom, setZoom] = useState(0);
  const [isShort, setIsShort] = useState(false);
  const isGrowing = isLive && !isRunFinished(run.status);
  // A run that goes on is drawn once a second, however much happens in it: each new row moves all of them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock stands for the run while that goes on
  const whole = useMemo(() => timelineOf(run, now), [isGrowing ? now : run]);
  const shown = useMemo(() => (isShort ? withoutIdle(whole) : whole), [whole, isShort]);
  if (whole.rows.length === 0) return <p className={styles.empty}>{t("timeline.empty")}</p>;
  return (
    <div className={styles.timeline}>
      <div className={styles.tools}>
        <label className={styles.idle}>
          <input
            type="checkbox"
            checked={isShort}
            onChange={(event) => setIsShort(event.currentTarget.checked)}
          />
          {t("timeline.hide_idle", { time: duration(whole.idle) })}
        </label>
        <ActionIcon
          aria-label={t("timeline.zoom_out")}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        >
          <IconZoomOut size={16} />
        </ActionIcon>
        <ActionIcon
          aria-label={t("timeline.zoom_in")}
          disabled={zoom === ZOOMS.length - 1}
          onClick={() => setZoom(zoom + 1)}
        >
          <IconZoomIn size={16} />
        </ActionIcon>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too */}
      <section className={styles.scroll} aria-label={t("timeline.title")} tabIndex={0}>
        <table
          className={styles.table}
          style={
            {
              inlineSize: `${(ZOOMS[zoom] ?? 1) * 100}%`,
              "--length": shown.length,
            } as CSSProperties
          }
        >
          <thead>
            <tr>
              <th scope="col">{t("timeline.step")}</th>
              <th scope="col">{t("timeline.begins")}</th>
              <th scope="col">{t("elapsed")}</th>
              <th className={styles.scale} aria-label={t("timeline.title")}>
                {MARKS.map((mark) => (
                  <span key={mark} style={{ insetInlineStart: `${mark * 100}%` }}>
                    {isShort ? "" : duration(mark * shown.length)}
                  </span>
                ))}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row, at) => (
              <TimelineRowView
                key={row.path}
                row={row}
                real={whole.rows[at] ?? row}
                isChosen={row.path === chosen}
                onChoose={onChoose}
              />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
