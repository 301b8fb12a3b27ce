import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { keyOf, printedKeys } from "@/shared/commands/keys";
import { selectPrefs } from "@/shared/prefs/prefs-slice";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import type { Assignable } from "./assignable";
import { clashOf, isOnlyModifier, refusalOf } from "./key-rules";

/** Hears the new keys of a command, and says who has them already. */
export function KeyDialog(props: {
  item: Assignable;
  all: readonly Assignable[];
  nameOf: (one: Assignable) => string;
  onClose: () => void;
  onKeep: (keys: string, clash: Assignable | undefined) => void;
}) {
  const { t } = useTranslation("settings");
  const { shortcuts: own } = useSelector(selectPrefs);
  const { item, all, nameOf, onClose, onKeep } = props;
  const [keys, setKeys] = useState("");
  const refusal = keys ? refusalOf(item, keys) : undefined;
  const clash = clashOf(item, keys, { all, own });
  const listen = (event: KeyboardEvent) => {
    // Tab leads on to the buttons, Esc out of the dialog.
    if (event.key === "Tab" || event.key === "Escape" || isOnlyModifier(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setKeys(keyOf(event));
  };
  return (
    <Dialog opened onClose={onClose} title={t("shortcuts.dialog", { name: nameOf(item) })}>
      <Stack>
        <TextInput
          data-autofocus
          readOnly
          label={t("shortcuts.pressed")}
          description={t("shortcuts.press")}
          value={keys && printedKeys(keys).join(" + ")}
          error={refusal && t(`shortcuts.${refusal}`)}
          onKeyDown={listen}
        />
        {clash && !refusal && (
          <Alert color="yellow" role="alert">
            {t("shortcuts.clash", { name: nameOf(clash) })}
          </Alert>
        )}
        <DialogFoot onClose={onClose}>
          <Button variant="default" onClick={() => onKeep("", undefined)}>
            {t("shortcuts.no_keys")}
          </Button>
          <Button disabled={!keys || refusal !== undefined} onClick={() => onKeep(keys, clash)}>
            {t(clash ? "shortcuts.take" : "shortcuts.keep")}
          </Button>
        </DialogFoot>
      </Stack>
    </Dialog>
  );
}
