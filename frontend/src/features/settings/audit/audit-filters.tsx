import { Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useListMembersQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import styles from "../parts/parts.module.css";
import { AUDIT_ACTIONS, actionKey } from "./audit-actions";
import type { AuditFilter } from "./use-audit-filter";

interface Props {
  filter: AuditFilter;
  onChange: (changes: Partial<AuditFilter>) => void;
}

export function AuditFilters({ filter, onChange }: Props) {
  const { t } = useTranslation("settings");
  return (
    <div className={styles.filters} role="search" aria-label={t("audit.filters")}>
      <Select
        label={t("audit.action")}
        placeholder={t("audit.every")}
        clearable
        searchable
        value={filter.action}
        onChange={(action) => onChange({ action })}
        data={AUDIT_ACTIONS.map((value) => ({ value, label: t(actionKey(value)) }))}
      />
      <Select
        label={t("audit.outcome")}
        placeholder={t("audit.every")}
        clearable
        value={filter.outcome}
        onChange={(outcome) => onChange({ outcome })}
        data={(["done", "refused"] as const).map((value) => ({
          value,
          label: t(`audit.outcomes.${value}`),
        }))}
      />
      <ActorSelect filter={filter} onChange={onChange} />
      {(["since", "until"] as const).map((name) => (
        <TextInput
          key={name}
          type="date"
          label={t(`audit.${name}`)}
          value={filter[name] ?? ""}
          onChange={(event) => onChange({ [name]: event.currentTarget.value || null })}
        />
      ))}
    </div>
  );
}

function ActorSelect({ filter, onChange }: Props) {
  const { t } = useTranslation("settings");
  const maySee = useMay("members:read");
  const { data } = useListMembersQuery({ limit: 200 }, { skip: !maySee });
  const members = (data?.items ?? []).map(({ user_id, email }) => ({
    value: user_id,
    label: email,
  }));
  const isKnown = !filter.actor || members.some(({ value }) => value === filter.actor);
  return (
    <Select
      label={t("audit.actor")}
      placeholder={t("audit.every")}
      clearable
      searchable
      value={filter.actor}
      onChange={(actor) => onChange({ actor })}
      data={
        isKnown ? members : [...members, { value: filter.actor ?? "", label: filter.actor ?? "" }]
      }
    />
  );
}
