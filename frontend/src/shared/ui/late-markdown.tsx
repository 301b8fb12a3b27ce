import { Suspense } from "react";
import { late } from "@/shared/lib/late";
import styles from "./markdown.module.css";

const Markdown = late(async () => ({ default: (await import("./markdown")).Markdown }));

/** Markdown whose reader comes after the page was drawn; until then the text stands there as it is. */
export function LateMarkdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className={styles.plain}>{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  );
}
