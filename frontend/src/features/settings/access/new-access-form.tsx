import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";
import { DialogForm, type Outcome } from "../parts/dialog-form";
import type { AccessWish, AccessWords } from "./access";
import { ScopeField, type ScopeWish, scopesOf } from "./scope-field";

const DAY_MS = 86_400_000;
const LENGTHS = ["30", "90", "365", "never"] as const;

/** Asks what a program is called, how long it gets in, and what it may do. */
export function NewAccessForm(props: {
  words: AccessWords;
  onSubmit: (wish: AccessWish) => Outcome;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { me } = useSelector(selectSession);
  const [name, setName] = useState("");
  const [days, setDays] = useState<string>("90");
  const [wish, setWish] = useState<ScopeWish>({ way: "read", chosen: [] });
  const scopes = scopesOf(wish, me?.permissions ?? []);
  return (
    <DialogForm
      action={t(`${props.words}.create`)}
      onSubmit={() => props.onSubmit({ name: name.trim(), scopes, expires_at: endIn(days) })}
      onClose={props.onClose}
      isReady={name.trim() !== "" && scopes.length > 0}
    >
      <TextInput
        label={t("columns.name")}
        placeholder={t(`${props.words}.name_example`)}
        data-autofocus
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t("access.ends")}
        allowDeselect={false}
        value={days}
        onChange={(value) => setDays(value ?? "90")}
        data={LENGTHS.map((value) => ({ value, label: t(`access.lengths.${value}`) }))}
      />
      <ScopeField wish={wish} onChange={setWish} permissions={me?.permissions ?? []} />
    </DialogForm>
  );
}

function endIn(days: string): string | null {
  return days === "never" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
}
