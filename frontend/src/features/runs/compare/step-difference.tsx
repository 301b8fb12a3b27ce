import { presentableDiff } from "@codemirror/merge";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type ComparedStep, elapsedOf } from "@/domain/runs/compare";
import type { StepView } from "@/domain/runs/run-view";
import { compactNumber, duration, money } from "@/shared/lib/format";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./compare.module.css";

const MOST = 50_000;

interface Piece {
  from: number;
  text: string;
  isChanged: boolean;
}

/** What one step made in each of two runs; what is not in the other is marked. */
export function StepDifference({ step }: { step: ComparedStep }) {
  const { old: before, new: after } = step;
  const texts = useMemo(() => piecesOf(textOf(before), textOf(after)), [before, after]);
  return (
    <div className={styles.difference}>
      <Side name="old" step={before} pieces={texts.old} />
      <Side name="new" step={after} pieces={texts.new} />
    </div>
  );
}

function Side({
  name,
  step,
  pieces,
}: {
  name: "old" | "new";
  step: StepView | undefined;
  pieces: Piece[];
}) {
  const { t } = useTranslation("runs");
  const Mark = name === "old" ? "del" : "ins";
  return (
    <section className={styles.side} aria-label={t(`compare.${name}`)}>
      <header>
        <h2>{t(`compare.${name}`)}</h2>
        {step && <StatusBadge status={step.status} />}
      </header>
      {step ? (
        <p className={styles.quiet}>
          {duration(elapsedOf(step))} · {compactNumber(step.usage.tokens)} tok ·{" "}
          {money(step.usage.usd)}
        </p>
      ) : (
        <p className={styles.quiet}>{t("compare.not_there")}</p>
      )}
      <pre>
        {pieces.map(({ from, text, isChanged }) =>
          isChanged ? <Mark key={from}>{text}</Mark> : <span key={from}>{text}</span>,
        )}
      </pre>
    </section>
  );
}

function textOf(step: StepView | undefined): string {
  if (!step) return "";
  if (step.error) return `${step.error.code}\n${step.error.message}`;
  const { output } = step;
  const text =
    typeof output === "string" ? output : (JSON.stringify(output ?? null, null, 2) ?? "");
  return text.slice(0, MOST);
}

/** Cut both texts where they differ. */
function piecesOf(old: string, next: string): { old: Piece[]; new: Piece[] } {
  const changes = presentableDiff(old, next, { scanLimit: 2_000, timeout: 200 });
  const olds = changes.map(({ fromA, toA }) => ({ from: fromA, to: toA }));
  const news = changes.map(({ fromB, toB }) => ({ from: fromB, to: toB }));
  return { old: cut(old, olds), new: cut(next, news) };
}

function cut(text: string, changed: { from: number; to: number }[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const add = (from: number, to: number, isChanged: boolean) => {
    if (to > from) pieces.push({ from, text: text.slice(from, to), isChanged });
  };
  for (const { from, to } of changed) {
    add(at, from, false);
    add(from, to, true);
    at = to;
  }
  add(at, text.length, false);
  return pieces;
}
