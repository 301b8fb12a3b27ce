import { Button, SegmentedControl } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EvaluationResult } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { CaseLine } from "./case-line";
import { type CaseFilter, rowsOf, shownRows } from "./case-rows";
import styles from "./evaluations.module.css";
import type { useVersionName } from "./use-version-name";

const AT_ONCE = 100;

interface Props {
  result: EvaluationResult;
  names: ReturnType<typeof useVersionName>;
}

/** Every case with its scores and the checks that do not hold; each leads to its runs. */
export function CaseTable({ result, names }: Props) {
  const { t } = useTranslation("evaluations");
  const [filter, setFilter] = useState<CaseFilter>("all");
  const [most, setMost] = useState(AT_ONCE);
  const rows = rowsOf(result);
  const isCompared = result.evaluation.against !== null;
  const filters: CaseFilter[] = isCompared ? ["all", "wrong", "worse"] : ["all", "wrong"];
  const found = shownRows(rows, filter);
  const counts = { all: rows.length, wrong: shownRows(rows, "wrong").length, worse: 0 };
  counts.worse = shownRows(rows, "worse").length;
  if (rows.length === 0) {
    return (
      <EmptyState icon={IconListCheck} title={t("no_cases")}>
        {t("no_cases_text")}
      </EmptyState>
    );
  }
  return (
    <section className={styles.section} aria-label={t("cases")}>
      <div className={styles.sectionHead}>
        <h2 className={styles.title}>{t("cases")}</h2>
        <SegmentedControl
          aria-label={t("filter")}
          value={filter}
          onChange={(value) => setFilter(filters.find((one) => one === value) ?? "all")}
          data={filters.map((value) => ({
            value,
            label: t(`filters.${value}`, { count: counts[value] }),
          }))}
        />
      </div>
      {found.length === 0 && <p className={styles.quiet}>{t("none_so")}</p>}
      {found.length > 0 && (
        <ul className={styles.cases} aria-label={t("cases")}>
          {found.slice(0, most).map((row) => (
            <CaseLine key={row.name} row={row} names={names} />
          ))}
        </ul>
      )}
      {found.length > most && (
        <Button variant="default" onClick={() => setMost(most + AT_ONCE)}>
          {t("more_cases", { count: Math.min(AT_ONCE, found.length - most) })}
        </Button>
      )}
    </section>
  );
}
