import { Button, Group } from "@mantine/core";
import { IconBook2, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Rule, RuleSet } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { EmptyState } from "@/shared/ui/empty-state";
import { MayButton } from "../parts/may-button";
import { Refusal } from "../parts/refusal";
import { RuleCard } from "./rule-card";
import { nameOfKey, useRules } from "./use-rules";

const NEW_RULE: Rule = { name: "", when: "", effect: "deny", enabled: true, to: [] };

export function RulesEditor({ loaded }: { loaded: RuleSet }) {
  const { t } = useTranslation("settings");
  const may = useMay("rules:manage");
  const rules = useRules(loaded);
  const { drafts } = rules;
  return (
    <>
      <Refusal
        error={rules.error}
        conflict={rules.conflict}
        onChosen={rules.forget}
        labelOf={(key) => nameOfKey(key) || t("rules.unnamed")}
        show={(_, rule) => written(rule as Rule | undefined)}
      />
      {drafts.length === 0 && (
        <EmptyState icon={IconBook2} title={t("rules.empty")}>
          {t("rules.empty_text")}
        </EmptyState>
      )}
      {drafts.map(({ key, rule }, number) => (
        <RuleCard
          key={key}
          rule={rule}
          number={number}
          isLast={number === drafts.length - 1}
          may={may}
          problemOf={(field) => rules.problemOf(number, field)}
          onChange={(next) => rules.change(key, next)}
          onMove={(by) => rules.move(number, by)}
          onRemove={() => rules.remove(key)}
        />
      ))}
      <Group justify="space-between">
        <MayButton
          may={may}
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => rules.add(NEW_RULE)}
        >
          {t("rules.add")}
        </MayButton>
        {may && (
          <Button
            loading={rules.isLoading}
            disabled={!rules.isChanged || rules.conflict !== undefined}
            onClick={() => void rules.save()}
          >
            {t("rules.save")}
          </Button>
        )}
      </Group>
    </>
  );
}

/** A rule in one line, as it stands in the document. */
function written(rule: Rule | undefined): string {
  if (!rule) return "";
  const { when, effect, enabled } = rule;
  return `${enabled === false ? "# " : ""}${when} → ${effect}`;
}
