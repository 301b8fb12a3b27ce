import { Button, Stack, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Imported } from "@/api/generated";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import styles from "./import.module.css";

/** What the new workflow does not have of the original, and what a person can do about it. */
export function ImportReport({ imported, onClose }: { imported: Imported; onClose: () => void }) {
  const { t } = useTranslation("workflows");
  const { workflow, notes, problems } = imported;
  const said = new Set(problems.map(({ where, what }) => `${where}: ${what}`));
  const rest = notes.filter((note) => ![...said].some((one) => note.startsWith(one)));
  return (
    <Stack>
      <Text size="sm">
        {problems.length + rest.length === 0
          ? t("import.all")
          : t("import.not_all", { count: problems.length + rest.length })}
      </Text>
      {problems.length > 0 && (
        <ul className={styles.problems} aria-label={t("import.report")}>
          {problems.map(({ where, step, what, to_do }) => (
            <li key={`${where} ${what}`}>
              <strong>{where}</strong>
              {step && <code>{step}</code>}
              <span>{what}</span>
              <span className={styles.todo}>{to_do}</span>
            </li>
          ))}
        </ul>
      )}
      {rest.length > 0 && (
        <ul className={styles.problems} aria-label={t("import.notes")}>
          {rest.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {!workflow.draft_valid && (
        <Text size="sm">{t("import.invalid", { count: workflow.problems.length })}</Text>
      )}
      <DialogFoot onClose={onClose} way={t("common:actions.close")}>
        <Button
          component={Link}
          to={`/workflows/${workflow.id}`}
          leftSection={<IconPencil size={16} />}
        >
          {t("import.open")}
        </Button>
      </DialogFoot>
    </Stack>
  );
}
