/** What an evaluation can be made of: datasets, workflows, and the versions of the one that is chosen. */
import { useTranslation } from "react-i18next";
import { useListDatasetsQuery, useListVersionsQuery, useListWorkflowsQuery } from "@/api/generated";

const MOST = 200;

export function useStartChoices(workflowId: string | null) {
  const { t } = useTranslation("evaluations");
  const datasets = useListDatasetsQuery({ limit: MOST });
  const workflows = useListWorkflowsQuery({ limit: MOST });
  const versions = useListVersionsQuery(
    { workflowId: workflowId ?? "", limit: MOST },
    { skip: workflowId === null },
  );
  const known = workflowId === null ? [] : (versions.data?.items ?? []);
  return {
    datasets: (datasets.data?.items ?? []).map(({ id, name, cases }) => ({
      value: id,
      label: `${name} · ${t("cases_count", { count: cases })}`,
    })),
    workflows: (workflows.data?.items ?? []).map(({ id, title, name }) => ({
      value: id,
      label: title || name,
    })),
    versions: [
      { value: "draft", label: t("draft") },
      ...known.map(({ version, note }) => ({
        value: String(version),
        label: [t("version", { version }), note].filter(Boolean).join(" · "),
      })),
    ],
    error: datasets.error ?? workflows.error ?? versions.error,
  };
}
