import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { type ComponentType, type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useGetOverviewQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { ChartSection } from "./chart-section";
import styles from "./dashboard.module.css";
import { isNew, WINDOWS, type Window, windowOf } from "./figures";
import { Lists } from "./lists";
import { Tiles } from "./tiles";
import { useOpenApprovals } from "./use-open-approvals";

const EVERY_MS = 10_000;

/** Leads through a workspace in which nothing has happened; who has no use for it is shown `otherwise`. */
export type Beginning = ComponentType<{ otherwise: ReactNode }>;

/** Is it healthy? The figures of a time, compared with the one before it; the time stands in the URL. */
export function DashboardPage({ Beginning }: { Beginning: Beginning }) {
  const { t } = useTranslation("dashboard");
  const [search, setSearch] = useSearchParams();
  const span = windowOf(search.get("window"));
  const choice = (
    <SegmentedControl
      aria-label={t("window")}
      value={span}
      onChange={(next) => setSearch({ window: next }, { replace: true })}
      data={WINDOWS.map((value) => ({ value, label: t(`windows.${value}`) }))}
    />
  );
  return (
    <Page title={t("title")} text={t("text")} actions={choice}>
      <Figures span={span} Beginning={Beginning} />
    </Page>
  );
}

function Figures({ span, Beginning }: { span: Window; Beginning: Beginning }) {
  const { t } = useTranslation("dashboard");
  const { data, error, isFetching, isError, refetch } = useGetOverviewQuery(
    { window: span },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true },
  );
  // Asked for beside the figures, not after them.
  useOpenApprovals();
  if (!data) return isError ? <ErrorState error={error} onRetry={refetch} /> : <FigureSkeletons />;
  if (isNew(data))
    return (
      <Suspense fallback={<FigureSkeletons />}>
        <Beginning otherwise={<NothingYet />} />
      </Suspense>
    );
  const isOther = data.window !== span && isFetching;
  return (
    <div
      className={styles.dashboard}
      aria-busy={isOther}
      data-stale={isError || isOther || undefined}
    >
      {isError && (
        <p className={styles.stale} role="status">
          {t("stale")}
        </p>
      )}
      <Tiles overview={data} />
      <Lists overview={data} />
      <ChartSection overview={data} />
    </div>
  );
}

function NothingYet() {
  const { t } = useTranslation("dashboard");
  const actions = (
    <>
      <Button component={Link} to="/workflows">
        {t("open_workflows")}
      </Button>
      <Button component={Link} to="/templates" variant="default">
        {t("open_templates")}
      </Button>
    </>
  );
  return (
    <EmptyState icon={IconRocket} title={t("empty")} actions={actions}>
      {t("empty_text")}
    </EmptyState>
  );
}

function FigureSkeletons() {
  return (
    <div className={styles.dashboard} aria-hidden>
      <div className={styles.tiles}>
        {Array.from({ length: 8 }, (_, tile) => tile).map((tile) => (
          <Skeleton key={tile} height={98} radius="lg" />
        ))}
      </div>
      <div className={styles.lists}>
        {Array.from({ length: 4 }, (_, list) => list).map((list) => (
          <Skeleton key={list} height={220} radius="lg" />
        ))}
      </div>
    </div>
  );
}
