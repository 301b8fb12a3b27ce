import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { AgentMemory, MemoryUse } from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./memory.module.css";
import { Origin } from "./memory-card";
import { MemoryEditor } from "./memory-editor";
import { useOneMemoryQuery } from "./one-memory";
import { Side } from "./side";

/** One memory with all of its text: where it is from, which steps have found it; corrected or forgotten. */
export function MemoryDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = useTranslation("memory");
  return (
    <Side title={t("kept.one")} onClose={onClose}>
      {id && <One key={id} id={id} onClose={onClose} />}
    </Side>
  );
}

function One({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useOneMemoryQuery({ memoryId: id });
  if (!data)
    return error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton height={240} />;
  return (
    <div className={styles.passages}>
      <p className={styles.facts}>
        <span>{data.collection}</span>
        <Origin memory={data} />
        <span>{dateTime(data.created_at)}</span>
      </p>
      <MemoryEditor memory={data} onGone={onClose} />
      <Uses memory={data} />
    </div>
  );
}

function Uses({ memory: { uses, used } }: { memory: AgentMemory }) {
  const { t } = useTranslation("memory");
  return (
    <section aria-label={t("kept.uses")}>
      <h3 className={styles.title}>{t("kept.uses")}</h3>
      <p className={styles.quiet}>{t("kept.used", { count: used })}</p>
      <ol>
        {uses.map((use) => (
          <Use key={`${use.run_id} ${use.step} ${use.at}`} use={use} />
        ))}
      </ol>
    </section>
  );
}

function Use({ use: { run_id, step, agent, at } }: { use: MemoryUse }) {
  return (
    <li className={styles.facts}>
      <Link to={`/runs/${run_id}?${new URLSearchParams({ step })}`}>{step}</Link>
      {agent && <span>{agent}</span>}
      <span>{dateTime(at)}</span>
    </li>
  );
}
