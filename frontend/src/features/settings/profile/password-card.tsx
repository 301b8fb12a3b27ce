import { Button, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { keepToken } from "@/api/access-token";
import { useChangePasswordMutation } from "@/api/generated";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";

const LEAST_LENGTH = 12;
const NOTHING = { current: "", next: "", again: "" };

/** Changes the password; every other session ends with the old one. */
export function PasswordCard() {
  const { t } = useTranslation("settings");
  const [fields, setFields] = useState(NOTHING);
  const [isDone, setIsDone] = useState(false);
  const [change, { error, isLoading }] = useChangePasswordMutation();
  const isShort = fields.next !== "" && fields.next.length < LEAST_LENGTH;
  const isOther = fields.again !== "" && fields.again !== fields.next;
  const isReady = fields.current !== "" && !isShort && !isOther && fields.again !== "";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsDone(false);
    const done = await change({
      changePassword: { current_password: fields.current, new_password: fields.next },
    });
    if (!done.data) return;
    keepToken(done.data);
    setFields(NOTHING);
    setIsDone(true);
  };
  const field = (name: keyof typeof fields, wrong: string | false) => (
    <PasswordInput
      label={t(`profile.password.${name}`)}
      autoComplete={name === "current" ? "current-password" : "new-password"}
      visibilityToggleButtonProps={{ "aria-label": t("profile.password.show") }}
      value={fields[name]}
      error={wrong}
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
    />
  );
  return (
    <section className={styles.card} aria-label={t("profile.password.title")}>
      <h2 className={styles.cardTitle}>{t("profile.password.title")}</h2>
      <form onSubmit={submit}>
        <Stack maw={420}>
          {field("current", false)}
          {field("next", isShort && t("profile.password.short", { least: LEAST_LENGTH }))}
          {field("again", isOther && t("profile.password.other"))}
          <ProblemAlert error={error} />
          <output className={styles.muted}>{isDone && t("profile.password.done")}</output>
          <div>
            <Button type="submit" loading={isLoading} disabled={!isReady}>
              {t("profile.password.change")}
            </Button>
          </div>
        </Stack>
      </form>
    </section>
  );
}
