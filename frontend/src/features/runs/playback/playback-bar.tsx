import { ActionIcon, Button, Select } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duration } from "@/shared/lib/format";
import styles from "./playback.module.css";
import type { Playback } from "./use-playback";

const SPEEDS = [1, 2, 4, 8, 16, 32];

/** Moves through the events of a run as through a film. */
export default function PlaybackBar({ playback }: { playback: Playback }) {
  const { t } = useTranslation("runs");
  const { recording, count, isPlaying, speed, play, seek, setSpeed, leave } = playback;
  if (!recording) return null;
  const now = duration(recording.timeOf(count));
  const all = duration(recording.length);
  return (
    <section className={styles.bar} aria-label={t("playback.title")}>
      <ActionIcon
        size="lg"
        aria-label={t(isPlaying ? "playback.pause" : "playback.play")}
        onClick={() => play(!isPlaying)}
      >
        {isPlaying ? <IconPlayerPause size={18} /> : <IconPlayerPlay size={18} />}
      </ActionIcon>
      <input
        type="range"
        className={styles.range}
        aria-label={t("playback.position")}
        aria-valuetext={t("playback.of", { now, all })}
        min={0}
        max={recording.events.length}
        value={count}
        onChange={(event) => seek(Number(event.currentTarget.value))}
      />
      <span className={styles.time}>{t("playback.of", { now, all })}</span>
      <Select
        className={styles.speed ?? ""}
        size="xs"
        aria-label={t("playback.speed")}
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
        value={String(speed)}
        onChange={(value) => setSpeed(Number(value ?? 1))}
        allowDeselect={false}
      />
      <Button size="xs" variant="default" onClick={leave}>
        {t("playback.leave")}
      </Button>
    </section>
  );
}
