import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListAuditEntriesQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { EmptyState } from "@/shared/ui/empty-state";
import { Page } from "@/shared/ui/page";
import { Loaded } from "../parts/loaded";
import { NotAllowed } from "../parts/not-allowed";
import { Pager, usePager } from "../parts/pager";
import { AuditFilters } from "./audit-filters";
import { AuditTable } from "./audit-table";
import { ExportMenu } from "./export-menu";
import { type AuditFilter, auditQuery, useAuditFilter } from "./use-audit-filter";

/** What was done in the workspace and what was refused: written once, never changed. */
export function AuditPage() {
  const { t } = useTranslation("settings");
  const may = useMay("audit:read");
  return (
    <Page title={t("nav.audit")} text={t("audit.text")} actions={may && <ExportMenu />}>
      {may ? <AuditLog /> : <NotAllowed />}
    </Page>
  );
}

function AuditLog() {
  const { filter, change, isFiltered } = useAuditFilter();
  const clear = () =>
    change({ action: null, outcome: null, actor: null, since: null, until: null });
  return (
    <>
      <AuditFilters filter={filter} onChange={change} />
      <Entries
        key={JSON.stringify(filter)}
        filter={filter}
        onClear={isFiltered ? clear : undefined}
      />
    </>
  );
}

function Entries({ filter, onClear }: { filter: AuditFilter; onClear: (() => void) | undefined }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListAuditEntriesQuery(
    { ...auditQuery(filter), limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  return (
    <Loaded query={query}>
      {({ items, next_cursor }) =>
        items.length === 0 && pager.isFirst ? (
          <EmptyState
            icon={IconHistory}
            title={t(onClear ? "audit.nothing_found" : "audit.empty")}
            actions={onClear && <Button onClick={onClear}>{t("audit.clear")}</Button>}
          >
            {t("audit.empty_text")}
          </EmptyState>
        ) : (
          <>
            <AuditTable items={items} />
            <Pager pager={pager} next={next_cursor} />
          </>
        )
      }
    </Loaded>
  );
}
