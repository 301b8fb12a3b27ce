import { Button, Group } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import styles from "./first-run.module.css";
import { useBeside } from "./use-beside";
import { useSeen } from "./use-seen";

/** Three at most; each stands beside the part of the page that it is about. */
const MARKS = [
  { name: "canvas", target: "main [role=application]" },
  { name: "panel", target: "main aside" },
  { name: "bottom", target: "main section:has(> header)" },
] as const;

/** Shows somebody around their first run, once: it covers nothing that is needed and is gone with Esc. */
export default function CoachMarks() {
  const { t } = useTranslation("dashboard");
  const [isSeen, see] = useSeen("run-marks");
  const [at, setAt] = useState(0);
  const mark = MARKS[at] ?? MARKS[0];
  const box = useRef<HTMLDivElement>(null);
  const place = useBeside(mark.target, box);
  const next = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each mark is read from its beginning
  useEffect(() => next.current?.focus({ preventScroll: true }), [at]);
  if (isSeen) return null;
  const isLast = at === MARKS.length - 1;
  return createPortal(
    <div
      ref={box}
      role="dialog"
      aria-label={t("begin.marks.title")}
      className={styles.mark}
      style={place}
      onKeyDown={(event) => event.key === "Escape" && see()}
    >
      <span className={styles.number}>
        {t("begin.marks.count", { at: at + 1, count: MARKS.length })}
      </span>
      <h2 className={styles.name}>{t(`begin.marks.${mark.name}.title`)}</h2>
      <p className={styles.text}>{t(`begin.marks.${mark.name}.text`)}</p>
      <Group justify="flex-end" gap="xs">
        {!isLast && (
          <Button size="xs" variant="subtle" color="gray" onClick={see}>
            {t("begin.marks.skip")}
          </Button>
        )}
        <Button ref={next} size="xs" onClick={() => (isLast ? see() : setAt(at + 1))}>
          {t(isLast ? "begin.marks.done" : "begin.marks.next")}
        </Button>
      </Group>
    </div>,
    document.body,
  );
}
