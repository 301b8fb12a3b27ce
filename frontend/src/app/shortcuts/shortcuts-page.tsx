import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import { announce } from "@/shared/ui/announcer";
import { Page } from "@/shared/ui/page";
import { ASSIGNABLE, type Assignable, KEY_GROUPS } from "./assignable";
import { KeyDialog } from "./key-dialog";
import { keysOf, withKeys } from "./key-rules";
import { KeyTable } from "./key-table";
import styles from "./shortcuts.module.css";

/** The keys of every command: found, changed, and given back. */
export function ShortcutsPage() {
  const { t } = useTranslation(["settings", "editor", "common"]);
  const { shortcuts: own } = useSelector(selectPrefs);
  const dispatch = useAppDispatch();
  const [search, setSearch] = useState("");
  const [asked, setAsked] = useState<Assignable>();
  const keep = (shortcuts: Record<string, string>) => dispatch(prefsChanged({ shortcuts }));
  const nameOf = (one: Assignable) =>
    one.id.startsWith("go ") ? t("shortcuts.go", { place: t(one.words) }) : t(one.words);
  const isFound = (one: Assignable) =>
    `${nameOf(one)} ${keysOf(one, own)}`.toLowerCase().includes(search.trim().toLowerCase());
  const groups = KEY_GROUPS.map(({ name, items }) => ({ name, items: items.filter(isFound) }));
  const changed = Object.keys(own).length;
  return (
    <Page
      title={t("nav.shortcuts")}
      text={t("shortcuts.text")}
      actions={
        <Button variant="default" disabled={changed === 0} onClick={() => keep({})}>
          {t("shortcuts.reset_all", { count: changed })}
        </Button>
      }
    >
      <TextInput
        className={styles.search ?? ""}
        aria-label={t("shortcuts.search")}
        placeholder={t("shortcuts.search")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {groups.every(({ items }) => items.length === 0) && (
        <p className={styles.nothing}>{t("nothing_found", { search })}</p>
      )}
      {groups
        .filter(({ items }) => items.length > 0)
        .map(({ name, items }) => (
          <KeyTable
            key={name}
            title={t(`shortcuts.groups.${name}`)}
            items={items}
            nameOf={nameOf}
            onChange={setAsked}
            onReset={(one) => {
              const { [one.id]: _, ...rest } = own;
              keep(rest);
              announce(t("shortcuts.was_reset", { name: nameOf(one) }));
            }}
          />
        ))}
      {asked && (
        <KeyDialog
          item={asked}
          all={ASSIGNABLE}
          nameOf={nameOf}
          onClose={() => setAsked(undefined)}
          onKeep={(keys, clash) => {
            keep(withKeys(own, asked, { keys, clash }));
            setAsked(undefined);
          }}
        />
      )}
    </Page>
  );
}
