import { ActionIcon, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { AddRequest } from "@/canvas/canvas-events";
import { lastStep } from "@/domain/document/reach";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { selectDoc, selectSelection, selectWorkflow, stepsSelected } from "../editor-slice";
import type { Catalogue } from "../use-catalogue";
import styles from "./outline.module.css";
import { OutlineLine } from "./outline-line";
import { outlineRows } from "./outline-rows";

const ROW_HEIGHT = 40;
const AHEAD = 8;

interface OutlineProps {
  catalogue: Catalogue;
  problems: ReadonlyMap<string, { errors: number; warnings: number }>;
  /** A step is wanted, after the selected one or at the end. */
  onAdd: (request: AddRequest) => void;
}

/** All steps as a tree: the whole workflow by keyboard, on a phone, and for a thousand steps. */
export default function Outline({ catalogue, problems, onAdd }: OutlineProps) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const workflow = useSelector(selectWorkflow);
  const selection = useSelector(selectSelection);
  const { layout } = useSelector(selectDoc);
  const [words, setWords] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => outlineRows(workflow, words, closed), [workflow, words, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: AHEAD,
    initialRect: { width: 320, height: 600 },
  });
  const at = Math.max(
    0,
    rows.findIndex((row) => selection.has(row.step.path)),
  );
  const go = (to: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    dispatch(stepsSelected([row.step.path]));
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const fold = (path: string, isClosed: boolean) =>
    setClosed((known) => {
      const next = new Set(known);
      if (isClosed) next.add(path);
      else next.delete(path);
      return next;
    });
  const onKeyDown = (event: KeyboardEvent) => {
    const path = rows[at]?.step.path ?? "";
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(selection.size === 0 ? 0 : at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => fold(path, false),
      ArrowLeft: () => fold(path, true),
    };
    const act = event.altKey || event.metaKey || event.ctrlKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const active = rows[at]?.step.path;
  const add = (button: HTMLElement) => {
    const [only] = selection;
    const before = (only ? workflow.byPath.get(only) : undefined) ?? lastStep(workflow);
    const { left, bottom } = button.getBoundingClientRect();
    onAdd({
      block: before?.block.id ?? "steps",
      at: undefined,
      screen: { x: left, y: bottom },
      ...(before ? { source: before.path } : {}),
    });
  };
  return (
    <section className={styles.outline} aria-label={t("outline.title")} data-region="outline">
      <div className={styles.head}>
        <TextInput
          className={styles.search ?? ""}
          aria-label={t("outline.find")}
          placeholder={t("outline.find")}
          leftSection={<IconSearch size={15} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <ActionIcon
          size={36}
          variant="default"
          aria-label={t("outline.add")}
          data-hint={t("outline.add")}
          onClick={(event) => add(event.currentTarget)}
        >
          <IconPlus size={17} />
        </ActionIcon>
      </div>
      {/* A grid must have rows. */}
      {rows.length === 0 ? (
        <p className={styles.none}>{words ? t("outline.none", { words }) : t("outline.empty")}</p>
      ) : (
        <div
          ref={scroller}
          role="treegrid"
          aria-rowcount={rows.length}
          tabIndex={0}
          aria-label={t("outline.title")}
          aria-activedescendant={active && selection.has(active) ? `row-${active}` : undefined}
          className={styles.rows}
          data-command-place
          onKeyDown={onKeyDown}
        >
          <div style={{ blockSize: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const row = rows[index];
              return row ? (
                <OutlineLine
                  key={row.step.path}
                  row={row}
                  position={index + 1}
                  top={start}
                  type={catalogue.byKind.get(row.step.kind)}
                  problems={problems.get(row.step.path)}
                  isSelected={selection.has(row.step.path)}
                  isPinned={Object.hasOwn(layout.pins, row.step.path)}
                  isClosed={closed.has(row.step.path)}
                  onSelect={() => dispatch(stepsSelected([row.step.path]))}
                  onFold={() => fold(row.step.path, !closed.has(row.step.path))}
                />
              ) : null;
            })}
          </div>
        </div>
      )}
    </section>
  );
}
