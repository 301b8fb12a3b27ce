import { UnstyledButton } from "@mantine/core";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Span, TimelineRow } from "@/domain/runs/timeline";
import { duration } from "@/shared/lib/format";
import styles from "./timeline.module.css";

interface RowProps {
  row: TimelineRow;
  /** The same row on the true scale of time. */
  real: Span;
  isChosen: boolean;
  onChoose: (runPath: string) => void;
}

/** One step of the timeline: its name, its times, and a bar with the calls inside it. */
export const TimelineRowView = memo(function TimelineRowView(props: RowProps) {
  const { row, real, isChosen, onChoose } = props;
  const { t } = useTranslation("runs");
  return (
    <tr data-chosen={isChosen || undefined}>
      <th scope="row">
        <UnstyledButton
          className={styles.name ?? ""}
          style={{ paddingInlineStart: row.depth * 14 }}
          aria-current={isChosen}
          title={row.path}
          onClick={() => onChoose(row.path)}
        >
          {row.path.split(".").at(-1)}
        </UnstyledButton>
      </th>
      <td>{duration(real.from)}</td>
      <td>{row.isOver ? duration(real.to - real.from) : t("timeline.running")}</td>
      <td className={styles.lane} aria-hidden>
        <span className={styles.bar} data-status={row.status} style={placed(row, "var(--length)")}>
          {row.calls.map((call) => (
            <i
              key={call.seq}
              data-kind={call.kind}
              title={`${call.name} · ${duration(call.to - call.from)}`}
              style={placed(inside(call, row), String(Math.max(1, row.to - row.from)))}
            />
          ))}
        </span>
      </td>
    </tr>
  );
}, saysTheSame);

/** Rows are computed anew with each news of a run and each second; most of them say what they said. */
function saysTheSame(before: RowProps, now: RowProps): boolean {
  return (
    before.isChosen === now.isChosen &&
    before.onChoose === now.onChoose &&
    before.real.from === now.real.from &&
    before.real.to === now.real.to &&
    isSameRow(before.row, now.row)
  );
}

function isSameRow(one: TimelineRow, other: TimelineRow): boolean {
  return (
    one.path === other.path &&
    one.from === other.from &&
    one.to === other.to &&
    one.status === other.status &&
    one.isOver === other.isOver &&
    one.calls.length === other.calls.length
  );
}

function inside(call: Span, row: Span): Span {
  return { from: Math.max(0, call.from - row.from), to: Math.min(call.to, row.to) - row.from };
}

/** `length` is what all of it is; the table knows how long the run is, so that a bar need not. */
function placed({ from, to }: Span, length: string) {
  const share = (value: number) => `calc(100% * ${value} / ${length})`;
  return { insetInlineStart: share(from), inlineSize: share(Math.max(0, to - from)) };
}
