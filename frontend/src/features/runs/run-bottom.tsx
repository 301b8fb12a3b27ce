import { Button } from "@mantine/core";
import { IconChevronUp, IconPlayerTrackPrev, IconTimeline } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { isRunFinished, type RunView } from "@/domain/runs/run-view";
import { late } from "@/shared/lib/late";
import type { Playback } from "./playback/use-playback";
import styles from "./run.module.css";

const TimelineView = late(() => import("./timeline/timeline-view"));
const PlaybackBar = late(() => import("./playback/playback-bar"));
const ROOMY = "(min-width: 1024px)";

interface RunBottomProps {
  run: RunView;
  playback: Playback;
  chosen: string | undefined;
  onChoose: (runPath: string) => void;
}

/** Below the canvas: when each step was at work, and the way back in time. */
export function RunBottom({ run, playback, chosen, onChoose }: RunBottomProps) {
  const { t } = useTranslation("runs");
  const [isOpen, setIsOpen] = useState(() => matchMedia(ROOMY).matches);
  const mayPlay = isRunFinished(run.status) && !playback.recording;
  return (
    <section className={styles.bottom} aria-label={t("timeline.title")}>
      {playback.recording && (
        <Suspense>
          <PlaybackBar playback={playback} />
        </Suspense>
      )}
      <header className={styles.bottomHead}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-expanded={isOpen}
          leftSection={<IconTimeline size={15} />}
          rightSection={
            <IconChevronUp
              size={15}
              className={styles.chevron}
              data-open={isOpen || undefined}
              aria-hidden
            />
          }
          onClick={() => setIsOpen(!isOpen)}
        >
          {t("timeline.title")}
        </Button>
        {playback.problem && (
          <span className={styles.bad} role="alert">
            {playback.problem.title}
          </span>
        )}
        {mayPlay && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlayerTrackPrev size={15} />}
            loading={playback.isLoading}
            onClick={playback.begin}
          >
            {t("playback.begin")}
          </Button>
        )}
      </header>
      {isOpen && (
        <div className={styles.bottomBody}>
          <Suspense>
            <TimelineView
              run={run}
              isLive={!playback.recording}
              chosen={chosen}
              onChoose={onChoose}
            />
          </Suspense>
        </div>
      )}
    </section>
  );
}
