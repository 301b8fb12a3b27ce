import { Modal, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/shared/commands/command-store";
import { findCommands } from "@/shared/commands/find-commands";
import styles from "./command-palette.module.css";
import { PaletteRow } from "./palette-row";
import { useFoundWorkflows } from "./use-found-workflows";
import { useSettingsPlaces } from "./use-settings-places";

/** Find by typing: what can be done here, steps, pages, settings, workflows. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const offered = useCommands();
  const workflows = useFoundWorkflows(typed);
  const settings = useSettingsPlaces();
  const found = useMemo(() => {
    const here = offered.filter((one) => one.id !== "palette");
    return findCommands([...here, ...workflows, ...settings], typed);
  }, [offered, workflows, settings, typed]);
  const act = (command: Command | undefined) => {
    if (!command || command.reason) return;
    onClose();
    // The dialog gives the focus back first; a command may want it elsewhere.
    setTimeout(command.run);
  };
  const step = (by: number) =>
    setAt((now) => (now + by + found.length) % Math.max(1, found.length));
  const keys: Record<string, () => void> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => act(found[at]),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      // Without a title the dialog itself has to say what it is.
      attributes={{ content: { "aria-label": t("commands.palette") } }}
      padding={0}
      size={560}
      yOffset="12vh"
      centered={false}
      transitionProps={{ duration: 60 }}
    >
      <TextInput
        data-autofocus
        variant="unstyled"
        className={styles.search ?? ""}
        aria-label={t("commands.find")}
        placeholder={t("commands.find")}
        leftSection={<IconSearch size={17} />}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found[at] ? `${list}-${at}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label={t("commands.palette")} className={styles.list}>
        {found.map((command, position) => (
          <PaletteRow
            key={command.id}
            id={`${list}-${position}`}
            command={command}
            isActive={position === at}
            isFirst={found[position - 1]?.group !== command.group}
            onAct={() => act(command)}
          />
        ))}
      </div>
      {found.length === 0 && <p className={styles.none}>{t("commands.none", { typed })}</p>}
      <p className={styles.foot}>{t("commands.prefixes")}</p>
    </Modal>
  );
}
