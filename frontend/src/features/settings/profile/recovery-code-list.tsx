import { Button, CopyButton, Group, Stack } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { saveFile } from "@/shared/lib/save-file";
import { Notice } from "../parts/notice";
import styles from "./profile.module.css";

/** Codes that let one in without the authenticator, once each; shown this one time. */
export function RecoveryCodeList({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation("settings");
  const text = `${codes.join("\n")}\n`;
  return (
    <Stack>
      <Notice tone="waiting">{t("profile.totp.codes_text")}</Notice>
      <ul className={styles.codes} aria-label={t("profile.totp.codes")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group justify="flex-end">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? "once.copied" : "once.copy")}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => saveFile("flowloom-recovery-codes.txt", text, "text/plain")}
        >
          {t("profile.totp.download")}
        </Button>
        <Button onClick={onDone}>{t("profile.totp.kept")}</Button>
      </Group>
    </Stack>
  );
}
