import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { AgentMemory } from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import styles from "./memory.module.css";
import { useMemoryFilter } from "./use-memory-filter";

/** A text that a step has kept, where it is from and how often it was found. */
export function MemoryCard({ memory }: { memory: AgentMemory }) {
  const { t } = useTranslation("memory");
  const { change } = useMemoryFilter();
  const { text, cut, collection, score } = memory;
  return (
    <li className={styles.hit}>
      <p className={styles.facts}>
        <span>{collection}</span>
        <Origin memory={memory} />
        <time dateTime={memory.created_at} title={dateTime(memory.created_at)}>
          {ago(memory.created_at)}
        </time>
      </p>
      <p className={styles.kept}>{cut ? `${text} …` : text}</p>
      <p className={styles.facts}>
        <span>{t("kept.used", { count: memory.used })}</span>
        {score !== null && <span>{t("score", { score: score.toFixed(3) })}</span>}
        {memory.corrected_by && <span>{t("kept.corrected", { by: memory.corrected_by })}</span>}
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={t("kept.open_of", { text: text.slice(0, 60) })}
          onClick={() => change({ memory: memory.id })}
        >
          {t("kept.open")}
        </Button>
      </p>
    </li>
  );
}

/** "Written by" which agent, in which step of which run. */
export function Origin({ memory: { origin } }: { memory: AgentMemory }) {
  const { t } = useTranslation("memory");
  const step = `?${new URLSearchParams({ step: origin.step })}`;
  return (
    <span>
      {origin.agent
        ? t("kept.by_agent", { agent: origin.agent, step: origin.step })
        : t("kept.by_step", { step: origin.step })}{" "}
      <Link to={`/runs/${origin.run_id}${step}`}>{t("kept.run")}</Link>
    </span>
  );
}
