import { useTranslation } from "react-i18next";
import type { Change, Comparison } from "@/domain/runs/compare";
import { compactNumber, duration, money, percent } from "@/shared/lib/format";
import styles from "./compare.module.css";

/** Time, tokens and cost of both runs, with the change in words. */
export function CompareSums({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation("runs");
  const { elapsed, tokens, usd } = comparison;
  const sums: [string, Change, (value: number) => string][] = [
    ["elapsed", elapsed, duration],
    ["tokens", tokens, compactNumber],
    ["cost", usd, money],
  ];
  return (
    <dl className={styles.sums}>
      {sums.map(([name, change, text]) => (
        <div key={name}>
          <dt>{t(name)}</dt>
          <dd>
            {text(change.old)} → {text(change.new)}
          </dd>
          <dd className={styles.change}>{t(...inWords(change))}</dd>
        </div>
      ))}
    </dl>
  );
}

function inWords({ old, new: next }: Change): [string, { share?: string }] {
  if (old === next) return ["compare.equal", {}];
  if (old === 0) return ["compare.more_than_none", {}];
  const share = percent(Math.abs(next - old) / old);
  return [next > old ? "compare.more" : "compare.less", { share }];
}
