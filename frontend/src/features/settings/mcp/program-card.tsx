import { useTranslation } from "react-i18next";
import type { McpProgramShown } from "@/api/generated";
import styles from "../parts/parts.module.css";
import { AgreedTools } from "./agreed-tools";

/** A program that the operator runs: what may be called of it; nobody in the workspace changes it. */
export function ProgramCard({ program }: { program: McpProgramShown }) {
  const { t } = useTranslation("settings");
  const { name, tools, calls_per_minute, timeout_s } = program;
  return (
    <section className={styles.card} aria-label={name}>
      <h2 className={styles.cardTitle}>{name}</h2>
      <p className={styles.cardText}>{t("mcp.programs_text")}</p>
      <div>
        <span className={styles.tag}>{t("mcp.programs")}</span>
        <span className={styles.tag}>{t("mcp.limit", { count: calls_per_minute })}</span>
        <span className={styles.tag}>{t("mcp.patience", { count: timeout_s })}</span>
      </div>
      <AgreedTools server={name} tools={tools} />
    </section>
  );
}
