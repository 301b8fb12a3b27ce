import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { BudgetState } from "@/api/generated";
import { compactNumber, money } from "@/shared/lib/format";
import styles from "./budgets.module.css";

const MICRO = 1_000_000;
/** From here on it is worth a look. */
const NEAR = 80;

/** How much of a budget is gone, calls in progress included. */
export function Used({ state, name }: { state: BudgetState; name: string }) {
  const { t } = useTranslation("settings");
  const lines = [
    {
      unit: t("budgets.tokens"),
      used: state.used_tokens + state.reserved_tokens,
      limit: state.tokens_limit,
      write: compactNumber,
    },
    {
      unit: t("budgets.usd"),
      used: state.used_usd_micro + state.reserved_usd_micro,
      limit: state.usd_micro_limit,
      write: (micro: number) => money(micro / MICRO),
    },
  ];
  return (
    <div className={styles.used}>
      {lines.map(({ unit, used, limit, write }) => {
        if (limit === null) return null;
        const share = Math.min(100, (used / limit) * 100);
        const text = t("budgets.of", { used: write(used), limit: write(limit), unit });
        return (
          <div key={unit}>
            <span className={styles.figure}>
              {text}
              {share >= 100 && <strong> · {t("budgets.reached")}</strong>}
            </span>
            <Progress
              value={share}
              size="sm"
              className={styles.bar ?? ""}
              color={
                share >= 100
                  ? "var(--status-failed)"
                  : share >= NEAR
                    ? "var(--status-waiting)"
                    : "var(--accent)"
              }
              aria-label={`${name}: ${text}`}
            />
          </div>
        );
      })}
      {state.model && (
        <span className={styles.figure}>{t("budgets.now", { model: state.model })}</span>
      )}
    </div>
  );
}
