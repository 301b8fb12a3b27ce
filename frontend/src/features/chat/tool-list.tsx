import { IconTool } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallView } from "@/domain/runs/run-view";
import { duration } from "@/shared/lib/format";
import styles from "./chat.module.css";

/** The tools that an answer has called: with what, and how long it took. */
export function ToolList({ calls }: { calls: readonly CallView[] }) {
  const { t } = useTranslation("chat");
  const tools = calls.filter(({ kind }) => kind === "tool");
  if (tools.length === 0) return null;
  return (
    <ul className={styles.tools} aria-label={t("tools")}>
      {tools.map((call) => (
        <li key={call.seq}>
          <IconTool size={14} aria-hidden /> <b>{call.name}</b> {duration(call.duration_ms)}
          {call.arguments_preview && <code>{call.arguments_preview}</code>}
          {call.run_id && <Link to={`/runs/${call.run_id}`}>{t("started_run")}</Link>}
        </li>
      ))}
    </ul>
  );
}
