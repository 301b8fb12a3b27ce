import type { Interval } from "@/api/generated";
import styles from "./evaluations.module.css";
import { isScore } from "./figures";

const WIDTH = 160;
const HEIGHT = 10;

/** A mean as a point and its interval as a line; the figures beside it say the same. */
export function IntervalBar(props: { metric: string; interval: Interval; most: number }) {
  const { metric, interval, most } = props;
  const end = isScore(metric) ? 1 : most || 1;
  const at = (value: number) =>
    Math.min(1, Math.max(0, value / end)) * (WIDTH - HEIGHT) + HEIGHT / 2;
  return (
    <svg
      className={styles.bar}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMinYMid"
      aria-hidden
    >
      <line className={styles.axis} x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      <line
        className={styles.range}
        x1={at(interval.low)}
        x2={at(interval.high)}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
      />
      <circle className={styles.mean} cx={at(interval.mean)} cy={HEIGHT / 2} r={HEIGHT / 2 - 1} />
    </svg>
  );
}
