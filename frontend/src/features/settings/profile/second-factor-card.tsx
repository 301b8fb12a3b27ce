import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type SecondFactor, useDescribeTotpQuery } from "@/api/generated";
import { Loaded } from "../parts/loaded";
import styles from "../parts/parts.module.css";
import { EnrolDialog } from "./enrol-dialog";
import { RecoveryCodesDialog } from "./recovery-codes-dialog";
import { SwitchOffDialog } from "./switch-off-dialog";

type Open = "enrol" | "codes" | "off";

/** The code of an authenticator beside the password. */
export function SecondFactorCard() {
  const { t } = useTranslation("settings");
  const query = useDescribeTotpQuery(undefined, { refetchOnMountOrArgChange: true });
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <section className={styles.card} aria-label={t("profile.totp.title")}>
      <h2 className={styles.cardTitle}>{t("profile.totp.title")}</h2>
      <Loaded query={query}>{(factor) => <State factor={factor} onOpen={setOpen} />}</Loaded>
      <EnrolDialog isOpen={open === "enrol"} onClose={close} />
      <RecoveryCodesDialog isOpen={open === "codes"} onClose={close} />
      <SwitchOffDialog isOpen={open === "off"} onClose={close} />
    </section>
  );
}

function State({ factor, onOpen }: { factor: SecondFactor; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("settings");
  if (!factor.enabled) {
    return (
      <div className={styles.cardHead}>
        <p className={styles.cardText}>{t("profile.totp.is_off")}</p>
        <Button onClick={() => onOpen("enrol")}>{t("profile.totp.switch_on")}</Button>
      </div>
    );
  }
  return (
    <div className={styles.cardHead}>
      <p className={styles.cardText}>
        <span className={styles.tag} data-tone="good">
          {t("profile.totp.on")}
        </span>
        {t("profile.totp.codes_left", { count: factor.recovery_codes_left })}
      </p>
      <Group gap="xs">
        <Button variant="default" onClick={() => onOpen("codes")}>
          {t("profile.totp.renew_codes")}
        </Button>
        <Button variant="default" onClick={() => onOpen("off")}>
          {t("profile.totp.switch_off")}
        </Button>
      </Group>
    </div>
  );
}
