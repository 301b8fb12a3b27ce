import styles from "./difference-lines.module.css";

/** Lines of two texts beside their signs; what came and what went is coloured. */
export function DifferenceLines({
  lines,
  label,
}: {
  lines: readonly { sign?: string | undefined; text: string }[];
  label?: string;
}) {
  return (
    <pre
      className={styles.lines}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
      tabIndex={0}
      {...(label && { role: "region", "aria-label": label })}
    >
      {lines.map(({ sign, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place
        <span key={at} data-sign={sign}>
          {text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
