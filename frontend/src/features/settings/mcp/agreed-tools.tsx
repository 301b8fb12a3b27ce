import { useTranslation } from "react-i18next";
import type { McpTool } from "@/api/generated";
import styles from "../parts/parts.module.css";

type Shown = Pick<McpTool, "name" | "effect"> & { description?: string };

/** What may be called on a server, by the names that documents write. */
export function AgreedTools({ server, tools }: { server: string; tools: Shown[] }) {
  const { t } = useTranslation("settings");
  if (tools.length === 0) return <p className={styles.cardText}>{t("mcp.no_tools")}</p>;
  return (
    <dl
      className={`${styles.facts} ${styles.tools}`}
      aria-label={t("mcp.tools_of", { name: server })}
    >
      {tools.map((tool) => (
        <div key={tool.name}>
          <dt>
            <code>{`mcp/${server}.${tool.name}`}</code>
          </dt>
          <dd>
            <span className={styles.tag}>{t(`mcp.effects.${tool.effect}`)}</span>
            {tool.description}
          </dd>
        </div>
      ))}
    </dl>
  );
}
