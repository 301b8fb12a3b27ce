import { Button } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type McpCheck, type McpTool, useTryMcpServerMutation } from "@/api/generated";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { CheckFailure, LeftOut } from "./check-result";
import { isComplete, type ServerFields, serverOf, toggled } from "./server-fields";
import { ToolLine, type ToolWords } from "./tool-line";

interface Props {
  fields: ServerFields;
  /** What was agreed to so far, in the words of that time. */
  known: McpTool[];
  onChange: (fields: ServerFields) => void;
}

/** Asks the server for its tools; each is agreed to as it describes itself now, or not. */
export function ToolChoice({ fields, known, onChange }: Props) {
  const { t } = useTranslation("settings");
  const [look, { data, error, isLoading }] = useTryMcpServerMutation();
  const seen = isLoading ? undefined : data;
  const words = wordsOf(seen, known);
  return (
    <section className={styles.section} aria-label={t("mcp.fields.tools")}>
      <div className={styles.cardHead}>
        <h3 className={styles.cardTitle}>{t("mcp.fields.tools")}</h3>
        <Button
          variant="default"
          leftSection={<IconEye size={16} />}
          loading={isLoading}
          disabled={!isComplete(fields)}
          onClick={() => void look({ saveMcpServer: serverOf(fields) })}
        >
          {t("mcp.look")}
        </Button>
      </div>
      <p className={styles.cardText}>{t(seen?.ok ? "mcp.agree_text" : "mcp.look_text")}</p>
      <ProblemAlert error={error} />
      {seen && !seen.ok && <CheckFailure check={seen} />}
      {seen?.ok && words.length === 0 && <p className={styles.cardText}>{t("mcp.offers_none")}</p>}
      {words.map((one) => (
        <ToolLine
          key={one.name}
          words={one}
          agreed={fields.tools[one.name]}
          onAgree={(isWanted) => onChange(toggled(fields, { ...one, state: "new" }, isWanted))}
          onEffect={(effect) =>
            onChange({
              ...fields,
              tools: { ...fields.tools, [one.name]: { digest: one.digest, effect } },
            })
          }
        />
      ))}
      {seen && <LeftOut lines={seen.left_out} />}
    </section>
  );
}

/** As the server describes them now; before it was asked, as they were agreed to. */
function wordsOf(seen: McpCheck | undefined, known: McpTool[]): ToolWords[] {
  if (seen?.ok) return seen.tools;
  return known.map((tool) => ({ ...tool, suggested_effect: tool.effect, state: "agreed" }));
}
