import { Radio } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { JsonValue } from "@/domain/expressions/values";
import type { Conflict } from "@/domain/merge/merge-data";
import type { Side } from "@/domain/merge/merge-lines";
import styles from "./save.module.css";

const SIDES: Side[] = ["mine", "theirs"];

/** One place that both sides changed, with what each made of it. */
export function ConflictChoice(props: {
  conflict: Conflict;
  side: Side;
  onChoose: (side: Side) => void;
}) {
  const { conflict, side, onChoose } = props;
  const { t } = useTranslation("editor");
  return (
    <Radio.Group
      label={placeOf(conflict.path, t)}
      value={side}
      onChange={(chosen) => onChoose(SIDES.find((one) => one === chosen) ?? side)}
    >
      <div className={styles.sides}>
        {SIDES.map((one) => (
          <Radio.Card key={one} value={one} className={styles.side ?? ""}>
            <span className={styles.sideName}>
              <Radio.Indicator size="xs" />
              {t(`conflict.side_${one}`)}
            </span>
            <pre className={styles.value}>{written(conflict[one]) ?? t("conflict.removed")}</pre>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}

function placeOf(path: string, t: TFunction<"editor">): string {
  if (path === "") return t("conflict.whole");
  if (path.startsWith("layout.notes.")) return t("conflict.note");
  const pinned = path.match(/^layout\.pins\.(.*)$/)?.[1];
  return pinned === undefined ? path : t("conflict.pin", { path: pinned });
}

function written(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : JSON.stringify(value, null, 2);
}
