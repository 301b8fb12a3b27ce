import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "./confirm-dialog";
import type { Outcome } from "./dialog-form";
import type { DeletableWords } from "./words";

/** Asks before something of a list is deleted. */
export function DeleteDialog<T extends object>(props: {
  words: DeletableWords;
  asked: T | undefined;
  onDelete: (asked: T) => Outcome;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { words, asked, onDelete } = props;
  const name = asked && "name" in asked ? String(asked.name) : "";
  return (
    <ConfirmDialog
      isOpen={asked !== undefined}
      title={t(`${words}.delete_title`, { name })}
      action={t("common:actions.delete")}
      onConfirm={() => (asked ? onDelete(asked) : Promise.resolve({}))}
      onClose={props.onClose}
    >
      {t(`${words}.delete_text`)}
    </ConfirmDialog>
  );
}
