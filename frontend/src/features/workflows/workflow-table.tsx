import { Button, Checkbox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WorkflowSummary } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { LinkTable } from "@/shared/ui/link-table";
import { WorkflowRow } from "./workflow-row";
import styles from "./workflows.module.css";
import { WorkflowsBulkBar } from "./workflows-bulk-bar";

interface WorkflowTableProps {
  items: WorkflowSummary[];
  mayWrite: boolean;
  onLabel: (label: string) => void;
}

/** The workflows that were found, to be opened one by one or done something with together. */
export function WorkflowTable({ items, mayWrite, onLabel }: WorkflowTableProps) {
  const { t } = useTranslation("workflows");
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = items.filter(({ id }) => ids.has(id));
  const isAll = chosen.length === items.length;
  const toggle = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  return (
    <>
      {chosen.length > 0 && (
        <WorkflowsBulkBar
          workflows={chosen}
          mayWrite={mayWrite}
          onClear={() => setIds(new Set())}
        />
      )}
      <LinkTable
        className={styles.workflows}
        label={t("title")}
        lead={
          <Checkbox
            aria-label={t("bulk.choose_all")}
            checked={isAll}
            indeterminate={chosen.length > 0 && !isAll}
            onChange={() => setIds(new Set(isAll ? [] : items.map(({ id }) => id)))}
          />
        }
        columns={["name", "state", "published", "changed"].map((name) => t(`columns.${name}`))}
        actions={t("columns.actions")}
      >
        {items.map((item) => (
          <WorkflowRow
            key={item.id}
            workflow={item}
            isChosen={ids.has(item.id)}
            onChoose={() => toggle(item.id)}
            onLabel={onLabel}
          />
        ))}
      </LinkTable>
    </>
  );
}

/** No workflow has what was looked for. */
export function NothingFound({ search, onClear }: { search: string; onClear: () => void }) {
  const { t } = useTranslation("workflows");
  return (
    <EmptyState
      icon={IconSearch}
      title={t("nothing_found")}
      actions={
        <Button variant="default" onClick={onClear}>
          {t("clear")}
        </Button>
      }
    >
      {t(search ? "nothing_found_text" : "none_so_text", { search })}
    </EmptyState>
  );
}
