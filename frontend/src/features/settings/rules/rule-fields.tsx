import { Select, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Rule } from "@/api/generated";
import { RuleLimitFields } from "./rule-limit-fields";

const EFFECTS = ["deny", "require_approval", "limit"] as const;

interface Props {
  rule: Rule;
  may: boolean;
  problemOf: (field: string) => string | undefined;
  onChange: (rule: Rule) => void;
}

export function RuleFields({ rule, may, problemOf, onChange }: Props) {
  const { t } = useTranslation("settings");
  return (
    <Stack gap="sm">
      <TextInput
        label={t("columns.name")}
        maxLength={80}
        disabled={!may}
        error={problemOf("name")}
        value={rule.name}
        onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
      />
      <Textarea
        label={t("rules.when")}
        description={t("rules.when_text")}
        placeholder="cost.usd > 5"
        autosize
        minRows={1}
        maxRows={6}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        spellCheck={false}
        disabled={!may}
        error={problemOf("when")}
        value={rule.when}
        onChange={(event) => onChange({ ...rule, when: event.currentTarget.value })}
      />
      <Select
        label={t("rules.effect")}
        allowDeselect={false}
        disabled={!may}
        error={problemOf("effect")}
        value={rule.effect}
        onChange={(value) => onChange(withEffect(rule, value as Rule["effect"]))}
        data={EFFECTS.map((value) => ({ value, label: t(`rules.effects.${value}`) }))}
      />
      {rule.effect === "limit" && (
        <RuleLimitFields
          limit={rule.limit ?? {}}
          may={may}
          problem={problemOf("limit")}
          onChange={(limit) => onChange({ ...rule, limit })}
        />
      )}
      {rule.effect === "require_approval" && (
        <TagsInput
          label={t("rules.to")}
          description={t("rules.to_text")}
          disabled={!may}
          error={problemOf("to")}
          value={rule.to ?? []}
          onChange={(to) => onChange({ ...rule, to })}
        />
      )}
      <TextInput
        label={t("rules.message")}
        description={t("rules.message_text")}
        maxLength={500}
        disabled={!may}
        error={problemOf("message")}
        value={rule.message ?? ""}
        onChange={(event) => onChange({ ...rule, message: event.currentTarget.value || null })}
      />
    </Stack>
  );
}

/** What another effect does not know is left out with the effect. */
function withEffect(rule: Rule, effect: Rule["effect"]): Rule {
  return {
    ...rule,
    effect,
    limit: effect === "limit" ? (rule.limit ?? { per: "run" }) : null,
    to: effect === "require_approval" ? (rule.to ?? []) : [],
  };
}
