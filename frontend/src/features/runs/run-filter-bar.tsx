import { Button, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { dateTime, duration } from "@/shared/lib/format";
import { filtersOf, STATUSES } from "./run-filters";
import styles from "./runs.module.css";

/** The state can be chosen; what a link has brought besides is shown and can be taken away. */
export function RunFilterBar() {
  const { t } = useTranslation("runs");
  const [search, setSearch] = useSearchParams();
  const { status, workflow, from, before, longer_than } = filtersOf(search);
  const change = (name: string, value: string | null) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  const more: [string, string][] = [];
  if (workflow) more.push(["workflow", t("filters.workflow")]);
  if (from) more.push(["from", t("filters.from", { at: dateTime(from) })]);
  if (before) more.push(["before", t("filters.before", { at: dateTime(before) })]);
  if (longer_than !== undefined)
    more.push(["longer_than", t("filters.longer", { time: duration(longer_than * 1_000) })]);
  return (
    <div className={styles.filters}>
      <Select
        className={styles.filter ?? ""}
        aria-label={t("filter")}
        placeholder={t("every_status")}
        clearable
        value={status ?? null}
        onChange={(next) => change("status", next)}
        data={STATUSES.map((value) => ({ value, label: t(`common:status.${value}`) }))}
      />
      {more.map(([name, label]) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          rightSection={<IconX size={14} aria-hidden />}
          aria-label={t("filters.remove", { filter: label })}
          onClick={() => change(name, null)}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
