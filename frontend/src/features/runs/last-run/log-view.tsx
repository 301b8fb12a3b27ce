import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { TFunction } from "i18next";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type LogLine, lineFilter, logLines } from "@/domain/runs/log-lines";
import type { RunView } from "@/domain/runs/run-view";
import { duration } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./log-view.module.css";
import { useRunEvents } from "./use-run-events";

const LINE_PX = 28;

/** Everything that happened in a run, to be searched; a line leads to its step. */
export default function LogView({
  run,
  onChoose,
}: {
  run: RunView;
  onChoose: (runPath: string) => void;
}) {
  const { t } = useTranslation("runs");
  const { events, problem } = useRunEvents(run.id, `${run.epoch}:${run.seq}`);
  const [typed, setTyped] = useState("");
  const [isShort, setIsShort] = useState(false);
  const lines = useMemo(
    () => logLines(events).map((line) => ({ line, text: textOf(line, t) })),
    [events, t],
  );
  const shown = useMemo(() => {
    const fits = lineFilter(typed);
    return lines.filter(
      ({ line, text }) =>
        (!isShort || line.level === "error" || line.level === "warning") &&
        fits(`${line.step} ${text}`),
    );
  }, [lines, typed, isShort]);
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 12,
  });
  if (problem && lines.length === 0) return <ErrorState error={problem} />;
  return (
    <div className={styles.log}>
      <div className={styles.tools}>
        <TextInput
          size="xs"
          className={styles.find ?? ""}
          aria-label={t("log.find")}
          placeholder={t("log.find_hint")}
          leftSection={<IconSearch size={14} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <label className={styles.short}>
          <input
            type="checkbox"
            checked={isShort}
            onChange={(event) => setIsShort(event.currentTarget.checked)}
          />
          {t("log.only_problems")}
        </label>
        <span className={styles.count} role="status">
          {t("log.count", { count: shown.length })}
        </span>
      </div>
      <section
        ref={scroller}
        className={styles.scroll}
        aria-label={t("log.title")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
        tabIndex={0}
      >
        <ol className={styles.lines} style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const found = shown[index];
            return found ? (
              <li
                key={`${found.line.epoch}:${found.line.seq}`}
                className={styles.line}
                data-level={found.line.level}
                style={{ transform: `translateY(${start}px)` }}
              >
                <time>{duration(found.line.after)}</time>
                <span className={styles.level}>{t(`log.levels.${found.line.level}`)}</span>
                {found.line.step ? (
                  <button type="button" onClick={() => onChoose(found.line.step)}>
                    {found.line.step}
                  </button>
                ) : (
                  <span className={styles.run}>{t("log.of_run")}</span>
                )}
                <span className={styles.text} title={found.text}>
                  {found.text}
                </span>
              </li>
            ) : null;
          })}
        </ol>
      </section>
    </div>
  );
}

function textOf(line: LogLine, t: TFunction<"runs">): string {
  const { what, status, attempt, name, ms = 0, tokens, message } = line;
  const head =
    what === "log"
      ? ""
      : t(`log.${what}`, {
          status: status ? t(`common:status.${status}`) : "",
          attempt,
          name,
          time: duration(ms),
          tokens,
        });
  return [head, message].filter(Boolean).join(" · ");
}
