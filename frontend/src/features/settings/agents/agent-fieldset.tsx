import { Select, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { toolsFor } from "@/domain/document/agent-tools";
import { type AgentFields, KINDS } from "./agent-fields";
import type { ToolChoice } from "./tool-choice";

interface Props {
  fields: AgentFields;
  toolChoice: ToolChoice;
  onChange: (more: Partial<AgentFields>) => void;
}

/** Who an agent is, in its own words, and what it may use. */
export function AgentFieldset({ fields, toolChoice: Tools, onChange }: Props) {
  const { t } = useTranslation("settings");
  const kinds = KINDS.map((value) => ({ value, label: t(`agents.kinds.${value}`) }));
  return (
    <>
      <Select
        label={t("agents.kind")}
        description={t("agents.kind_text")}
        allowDeselect={false}
        data={kinds}
        value={fields.kind}
        onChange={(value) => {
          const kind = KINDS.find((one) => one === value);
          if (kind) onChange({ kind, tools: [] });
        }}
      />
      <TextInput
        label={t("agents.role")}
        description={t("agents.role_text")}
        required
        maxLength={2_000}
        value={fields.role}
        onChange={(event) => onChange({ role: event.currentTarget.value })}
      />
      <Textarea
        label={t("agents.goal")}
        required
        autosize
        minRows={2}
        maxLength={5_000}
        value={fields.goal}
        onChange={(event) => onChange({ goal: event.currentTarget.value })}
      />
      <Textarea
        label={t("agents.backstory")}
        autosize
        minRows={2}
        maxLength={10_000}
        value={fields.backstory}
        onChange={(event) => onChange({ backstory: event.currentTarget.value })}
      />
      <Tools
        label={t("agents.tools")}
        description={t("agents.tools_text")}
        offered={toolsFor({ agent: fields.kind }, undefined)}
        names={fields.tools}
        onChange={(tools) => onChange({ tools })}
      />
      <TextInput
        label={t("agents.model")}
        description={t("agents.model_text")}
        maxLength={128}
        value={fields.model}
        onChange={(event) => onChange({ model: event.currentTarget.value })}
      />
    </>
  );
}
