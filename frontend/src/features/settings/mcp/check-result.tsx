import { useTranslation } from "react-i18next";
import type { McpCheck } from "@/api/generated";
import { duration } from "@/shared/lib/format";
import { Notice } from "../parts/notice";
import styles from "../parts/parts.module.css";

/** What came of asking a server: which tools are no longer as they were agreed to, or why it does not answer. */
export function CheckResult({ check }: { check: McpCheck }) {
  const { t } = useTranslation("settings");
  if (!check.ok) return <CheckFailure check={check} />;
  const told = check.tools.filter(({ state }) => state !== "agreed");
  return (
    <div className={styles.section} role="status">
      <p className={styles.cardText}>
        <span className={styles.tag} data-tone="good">
          {t("mcp.answers")}
        </span>
        {[check.server, check.protocol, duration(check.duration_ms)].filter(Boolean).join(" · ")}
      </p>
      {told.length === 0 && <p className={styles.cardText}>{t("mcp.as_agreed")}</p>}
      {told.length > 0 && (
        <ul className={styles.problems}>
          {told.map(({ name, state }) => (
            <li key={name}>
              <code>{name}</code>: {t(`mcp.states.${state}`)}
            </li>
          ))}
        </ul>
      )}
      <LeftOut lines={check.left_out} />
    </div>
  );
}

/** Why a server could not be asked, with what to do about it. */
export function CheckFailure({ check }: { check: McpCheck }) {
  const { t } = useTranslation("settings");
  return (
    <Notice tone="failed" title={t("mcp.fails")} isUrgent>
      {check.message ?? t("mcp.no_reason")}
      {check.code && <div className={styles.code}>{check.code}</div>}
    </Notice>
  );
}

/** Tools that cannot be called here, and why. */
export function LeftOut({ lines }: { lines: string[] }) {
  const { t } = useTranslation("settings");
  if (lines.length === 0) return null;
  return (
    <details className={styles.more}>
      <summary>{t("mcp.left_out", { count: lines.length })}</summary>
      <ul className={styles.problems}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}
