import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Comparison } from "@/domain/runs/compare";
import styles from "./compare.module.css";

/** The steps of both runs, aligned; where they part first is marked. */
export function CompareSteps({
  comparison,
  chosen,
  onChoose,
}: {
  comparison: Comparison;
  chosen: string | undefined;
  onChoose: (path: string) => void;
}) {
  const { t } = useTranslation("runs");
  return (
    <ol className={styles.steps} aria-label={t("compare.steps")}>
      {comparison.steps.map((step) => (
        <li key={step.path}>
          <UnstyledButton
            className={styles.step ?? ""}
            aria-current={step.path === chosen}
            onClick={() => onChoose(step.path)}
          >
            <span className={styles.path}>{step.path}</span>{" "}
            <span className={styles.kind} data-difference={step.difference}>
              {t(
                step.path === comparison.first
                  ? "compare.first"
                  : `compare.kinds.${step.difference}`,
              )}
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ol>
  );
}
