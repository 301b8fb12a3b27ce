/** Workflows whose name or title has what was typed, as places to go. */
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useListWorkflowsQuery } from "@/api/generated";
import type { Command } from "@/shared/commands/command-store";

const PAUSE_MS = 120;
const MOST = 12;

export function useFoundWorkflows(typed: string): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text] = useDebouncedValue(typed.replace(/^[#>@]/, "").trim(), PAUSE_MS);
  const isForOthers = /^[>@]/.test(typed);
  const { data } = useListWorkflowsQuery(
    { limit: MOST, order: "edited", ...(text ? { text } : {}) },
    { skip: isForOthers },
  );
  return useMemo(
    () =>
      (isForOthers ? [] : (data?.items ?? [])).map(({ id, title, name }) => ({
        id: `workflow ${id}`,
        label: title || name,
        group: t("places.workflows"),
        kind: "go" as const,
        words: name,
        run: () => void navigate(`/workflows/${id}`),
      })),
    [data, isForOthers, navigate, t],
  );
}
