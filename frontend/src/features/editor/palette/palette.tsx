import { Skeleton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { StepType } from "@/api/generated";
import type { Catalogue } from "../use-catalogue";
import styles from "./palette.module.css";
import { PaletteItem } from "./palette-item";
import { search } from "./search";

/** All kinds of steps: drag one onto the canvas, or press it to add it after the selected step. */
export function Palette({
  catalogue,
  onAdd,
}: {
  catalogue: Catalogue;
  onAdd: (type: StepType) => void;
}) {
  const { t } = useTranslation("editor");
  const [words, setWords] = useState("");
  const found = useMemo(() => search(catalogue.items, words), [catalogue.items, words]);
  const categories = useMemo(() => Map.groupBy(found, (item) => item.category_title), [found]);
  return (
    <aside className={styles.palette} aria-label={t("palette")} data-region="palette">
      <TextInput
        className={styles.search ?? ""}
        aria-label={t("find_step")}
        placeholder={t("find_step")}
        leftSection={<IconSearch size={15} />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && found[0]) onAdd(found[0]);
        }}
      />
      <div className={styles.list}>
        {catalogue.isLoading &&
          Array.from({ length: 8 }, (_, row) => row).map((row) => (
            <Skeleton key={row} height={40} mb={6} />
          ))}
        {[...categories].map(([title, items]) => (
          <section key={title} className={styles.category} aria-label={title}>
            <h2>{title}</h2>
            {items.map((item) => (
              <PaletteItem key={item.kind} type={item} onAdd={onAdd} />
            ))}
          </section>
        ))}
        {!catalogue.isLoading && found.length === 0 && (
          <p className={styles.none}>{t("no_step_found", { words })}</p>
        )}
      </div>
    </aside>
  );
}
