import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { DataTable } from "@/features/settings/parts/data-table";
import { LineActions } from "@/features/settings/parts/line-actions";
import { selectPrefs } from "@/shared/prefs/prefs-slice";
import { Keys } from "@/shared/ui/keys";
import { ASSIGNABLE, type Assignable } from "./assignable";
import { clashOf, keysOf } from "./key-rules";
import styles from "./shortcuts.module.css";

/** Commands of one place with their keys. */
export function KeyTable(props: {
  title: string;
  items: Assignable[];
  nameOf: (one: Assignable) => string;
  onChange: (one: Assignable) => void;
  onReset: (one: Assignable) => void;
}) {
  const { t } = useTranslation("settings");
  const { shortcuts: own } = useSelector(selectPrefs);
  const { title, nameOf } = props;
  const actionsOf = (one: Assignable) => {
    const name = nameOf(one);
    const change = {
      text: t("shortcuts.change"),
      label: t("shortcuts.change_of", { name }),
      onClick: () => props.onChange(one),
    };
    const reset = {
      text: t("shortcuts.reset"),
      label: t("shortcuts.reset_of", { name }),
      onClick: () => props.onReset(one),
    };
    return own[one.id] === undefined ? [change] : [change, reset];
  };
  return (
    <section className={styles.group} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <DataTable
        label={title}
        items={props.items}
        keyOf={(one) => one.id}
        columns={[
          { label: t("shortcuts.command"), cell: nameOf },
          {
            label: t("shortcuts.keys"),
            cell: (one) => <KeysNow one={one} nameOf={nameOf} />,
          },
          {
            label: t("shortcuts.actions"),
            width: "220px",
            cell: (one) => <LineActions may actions={actionsOf(one)} />,
          },
        ]}
      />
    </section>
  );
}

/** The keys of the moment; what came by another browser may meet, and is told. */
function KeysNow({ one, nameOf }: { one: Assignable; nameOf: (one: Assignable) => string }) {
  const { t } = useTranslation("settings");
  const { shortcuts: own } = useSelector(selectPrefs);
  const keys = keysOf(one, own);
  const clash = clashOf(one, keys, { all: ASSIGNABLE, own });
  if (!keys) return <span className={styles.none}>{t("shortcuts.none")}</span>;
  return (
    <span className={styles.now}>
      <Keys keys={keys} />
      {clash && (
        <span className={styles.clash}>{t("shortcuts.also", { name: nameOf(clash) })}</span>
      )}
    </span>
  );
}
