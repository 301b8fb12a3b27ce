import { Menu } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/shared/commands/command-store";
import { Keys } from "@/shared/ui/keys";
import styles from "./context-menu.module.css";

/** Where a menu is wanted, and what it offers: commands by their ids in groups, and what is of this place only. */
export interface MenuPlace {
  x: number;
  y: number;
  groups: string[][];
  own: Command[];
}

/** What can be done at a place of the canvas: the commands that keys and palette have too. */
export default function ContextMenu({ place, onClose }: { place: MenuPlace; onClose: () => void }) {
  const { t } = useTranslation("editor");
  const known = new Map(useCommands().map((command) => [command.id, command]));
  const groups = [
    place.own,
    ...place.groups.map((ids) => ids.flatMap((id) => known.get(id) ?? [])),
  ].filter((group) => group.length > 0);
  return (
    <Menu
      opened
      onChange={(isOpen) => !isOpen && onClose()}
      position="bottom-start"
      width={290}
      withInitialFocusPlaceholder={false}
      returnFocus={false}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-label={t("menu")}
          className={styles.anchor}
          style={{ left: place.x, top: place.y }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("menu")} className={styles.menu ?? ""}>
        {groups.map((group, at) => (
          <Fragment key={group[0]?.id}>
            {at > 0 && <Menu.Divider />}
            {group.map((command) => (
              <Item key={command.id} command={command} onClose={onClose} />
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ command, onClose }: { command: Command; onClose: () => void }) {
  const { label, keys, reason } = command;
  return (
    <Menu.Item
      disabled={Boolean(reason)}
      rightSection={keys && <Keys keys={keys} />}
      onClick={() => {
        onClose();
        command.run();
      }}
    >
      {label}
      {reason && <span className={styles.reason}>{reason}</span>}
    </Menu.Item>
  );
}
