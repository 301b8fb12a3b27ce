import { Popover, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { StepType } from "@/api/generated";
import type { AddRequest } from "@/canvas/canvas-events";
import { StepIcon } from "@/canvas/step-icon";
import { search } from "./palette/search";
import styles from "./quick-add.module.css";

const [WIDTH, HEIGHT, EDGE] = [268, 370, 8];

/** A list of steps where one is wanted: type, arrow, Enter. */
export default function QuickAdd(props: {
  request: AddRequest;
  types: StepType[];
  onChoose: (type: StepType) => void;
  onClose: () => void;
}) {
  const { request, types, onChoose, onClose } = props;
  const { t } = useTranslation("editor");
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(
    () =>
      search(
        types.filter((type) => type.available),
        words,
      ),
    [types, words],
  );
  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt((now) => Math.min(found.length - 1, now + 1)),
    ArrowUp: () => setAt((now) => Math.max(0, now - 1)),
    Enter: () => found[at] && onChoose(found[at]),
    Escape: onClose,
  };
  // A card may be out of sight: what hangs on a place outside the window would not be shown.
  const x = Math.max(EDGE, Math.min(request.screen.x, innerWidth - WIDTH - EDGE));
  const y = Math.max(EDGE, Math.min(request.screen.y, innerHeight - HEIGHT - EDGE));
  return (
    <Popover
      opened
      onChange={(isOpen) => !isOpen && onClose()}
      position="bottom-start"
      trapFocus
      returnFocus
      shadow="lg"
      radius="lg"
    >
      <Popover.Target>
        <span className={styles.anchor} style={{ left: x, top: y }} />
      </Popover.Target>
      <Popover.Dropdown p={6} w={WIDTH}>
        <TextInput
          data-autofocus
          aria-label={t("find_step")}
          placeholder={t("find_step")}
          leftSection={<IconSearch size={15} />}
          variant="filled"
          value={words}
          role="combobox"
          aria-expanded
          aria-controls="quick-add-list"
          aria-activedescendant={found[at] ? `quick-add-${found[at].kind}` : undefined}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const act = keys[event.key];
            if (!act) return;
            event.preventDefault();
            event.stopPropagation();
            act();
          }}
        />
        <div id="quick-add-list" role="listbox" aria-label={t("palette")} className={styles.list}>
          {found.map((type, position) => (
            <button
              key={type.kind}
              id={`quick-add-${type.kind}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={position === at}
              className={styles.option}
              data-category={type.category}
              onClick={() => onChoose(type)}
              onMouseEnter={() => setAt(position)}
            >
              <StepIcon name={type.icon} size={17} />
              {type.title}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
