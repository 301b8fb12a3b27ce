import { Group, MultiSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { GROUPS, type UsageQuery } from "./use-usage-query";

interface UsageFiltersProps {
  query: UsageQuery;
  onChange: (part: Partial<UsageQuery>) => void;
}

export function UsageFilters({ query, onChange }: UsageFiltersProps) {
  const { t } = useTranslation("settings");
  return (
    <Group align="flex-end">
      <MultiSelect
        label={t("usage.by")}
        data={GROUPS.map((value) => ({ value, label: t(`usage.groups.${value}`) }))}
        value={query.groups}
        onChange={(next) => onChange({ groups: GROUPS.filter((one) => next.includes(one)) })}
      />
      {(["since", "until"] as const).map((name) => (
        <TextInput
          key={name}
          type="date"
          label={t(`audit.${name}`)}
          value={query[name] ?? ""}
          onChange={(event) => onChange({ [name]: event.currentTarget.value || null })}
        />
      ))}
    </Group>
  );
}
