import { Button, CopyButton, Group, Stack } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "./notice";
import styles from "./parts.module.css";

/** Something that the server says once: to be copied now, and gone with the dialog. */
export function ShownOnce(props: {
  label: string;
  value: string;
  text?: string;
  onDone: () => void;
  /** What belongs to it and is no secret. */
  children?: ReactNode;
}) {
  const { t } = useTranslation("settings");
  return (
    <Stack>
      <Notice tone="waiting">{props.text ?? t("once.text")}</Notice>
      <CopyLine label={props.label} value={props.value} />
      {props.children}
      <Group justify="flex-end">
        <Button onClick={props.onDone}>{t("once.done")}</Button>
      </Group>
    </Stack>
  );
}

/** A line of text with a button that copies it. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation("settings");
  return (
    <div className={styles.once}>
      <span role="textbox" aria-readonly aria-label={label} tabIndex={0}>
        {value}
      </span>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="xs"
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            onClick={copy}
          >
            {t(copied ? "once.copied" : "once.copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
