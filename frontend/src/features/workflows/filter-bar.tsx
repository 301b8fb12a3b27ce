import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { WorkflowSummary } from "@/api/generated";
import { labelsOf, STATES, type useListFilter } from "./use-list-filter";
import styles from "./workflows.module.css";

interface FilterBarProps extends ReturnType<typeof useListFilter> {
  search: string;
  onSearch: (search: string) => void;
  items: WorkflowSummary[];
}

export function FilterBar({ search, onSearch, items, filter, change }: FilterBarProps) {
  const { t } = useTranslation("workflows");
  const labels = [...new Set([...(filter.label ? [filter.label] : []), ...labelsOf(items)])];
  return (
    <div className={styles.filters}>
      <TextInput
        className={styles.search}
        aria-label={t("search")}
        placeholder={t("search")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <Select
        className={styles.filter ?? ""}
        aria-label={t("filter_state")}
        placeholder={t("every_state")}
        clearable
        value={filter.state}
        onChange={(next) => change({ state: STATES.find((one) => one === next) ?? null })}
        data={STATES.map((value) => ({ value, label: t(`states.${value}`) }))}
      />
      {labels.length > 0 && (
        <Select
          className={styles.filter ?? ""}
          aria-label={t("filter_label")}
          placeholder={t("every_label")}
          clearable
          searchable
          value={filter.label}
          onChange={(label) => change({ label })}
          data={labels}
        />
      )}
    </div>
  );
}
