import { Button, Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { type KnownFailure, useListWorkflowFailuresQuery } from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import styles from "./failures.module.css";
import { RemedyRow } from "./known-failure";

/** How a workflow has failed so far, each kind of failure once, and what helped the next time. */
export function FailuresPage() {
  const { t } = useTranslation("runs");
  const { id = "" } = useParams();
  const { data, error, isError, refetch } = useListWorkflowFailuresQuery(
    { workflowId: id },
    { refetchOnMountOrArgChange: true },
  );
  return (
    <Page
      title={t("failures.title")}
      text={t("failures.text")}
      actions={
        <Button component={Link} to={`/workflows/${id}`} variant="default">
          {t("failures.workflow")}
        </Button>
      }
    >
      {isError && <ErrorState error={error} onRetry={refetch} />}
      {!data && !isError && <Skeleton height={260} radius="lg" />}
      {data?.items.length === 0 && (
        <EmptyState icon={IconCircleCheck} title={t("failures.none")}>
          {t("failures.none_text")}
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ol className={styles.list} aria-label={t("failures.title")}>
          {data.items.map((one) => (
            <Failure key={one.signature} failure={one} />
          ))}
        </ol>
      )}
    </Page>
  );
}

function Failure({ failure }: { failure: KnownFailure }) {
  const { t } = useTranslation("runs");
  const { code, message, step, seen, first_seen, last_seen, last_run_id, remedies } = failure;
  return (
    <li className={styles.card}>
      <h2 className={styles.title}>{message || code}</h2>
      <p className={styles.facts}>
        <code>{code}</code>
        {step && <code>{step}</code>}
        <span>{t("known.seen", { count: seen, since: dateTime(first_seen) })}</span>
        <span>
          {t("failures.last", { when: ago(last_seen) })}{" "}
          <Link to={`/runs/${last_run_id}`}>{t("known.last")}</Link>
        </span>
      </p>
      {remedies.length === 0 && <p className={styles.facts}>{t("known.none")}</p>}
      <ul className={styles.remedies}>
        {remedies.map((remedy) => (
          <RemedyRow key={remedy.kind} remedy={remedy} />
        ))}
      </ul>
    </li>
  );
}
