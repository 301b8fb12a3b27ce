import { Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Share } from "@/api/generated";
import { useReaches } from "./reaches";
import styles from "./sharing.module.css";
import { keyOf, type Person } from "./use-people";

/** Chooses one more member or role, and how far they may go. */
export function AddShare(props: { people: Person[]; onAdd: (share: Share) => void }) {
  const { t } = useTranslation("sharing");
  const { people, onAdd } = props;
  const { options, asReach } = useReaches();
  const [chosen, setChosen] = useState<string | null>(null);
  const [reach, setReach] = useState<Share["reach"]>("view");
  const person = people.find((one) => keyOf(one) === chosen);
  const add = () => {
    if (!person) return;
    onAdd({ kind: person.kind, who: person.who, reach });
    setChosen(null);
  };
  return (
    <div className={styles.add}>
      <Select
        className={styles.who}
        label={t("who")}
        placeholder={t("who_text")}
        searchable
        clearable
        data={groups(people, { role: t("roles"), member: t("members") })}
        nothingFoundMessage={t("nobody_left")}
        value={person ? chosen : null}
        onChange={setChosen}
      />
      <Select
        className={styles.reach}
        label={t("reach")}
        allowDeselect={false}
        data={options}
        value={reach}
        onChange={(value) => setReach(asReach(value))}
      />
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        disabled={!person}
        onClick={add}
      >
        {t("add")}
      </Button>
    </div>
  );
}

function groups(people: Person[], names: Record<Share["kind"], string>) {
  const kinds: Share["kind"][] = ["role", "member"];
  return kinds.map((kind) => ({
    group: names[kind],
    items: people
      .filter((one) => one.kind === kind)
      .map((one) => ({ value: keyOf(one), label: one.name })),
  }));
}
