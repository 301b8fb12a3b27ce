import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Webhook } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import { Notice } from "../parts/notice";
import styles from "../parts/parts.module.css";
import { CopyLine } from "../parts/shown-once";
import { HookDeliveries } from "./hook-deliveries";
import { HookSecretDialog } from "./hook-secret-dialog";
import { OfWorkflow } from "./of-workflow";

/** One address: what starts there, what a caller must show, and what was delivered. */
export function HookCard({ hook }: { hook: Webhook }) {
  const { t } = useTranslation("settings");
  const [isOpen, setIsOpen] = useState(false);
  const name = `${hook.workflow.name}: ${hook.trigger}`;
  return (
    <section className={styles.card} aria-label={name}>
      <HookHead hook={hook} name={name} />
      <CopyLine label={t("triggers.address")} value={`${location.origin}${hook.path}`} />
      <WhatToShow hook={hook} />
      <div className={styles.cardHead}>
        <Button
          variant="default"
          size="xs"
          aria-expanded={isOpen}
          aria-label={isOpen ? undefined : t("triggers.show_of", { name })}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t(isOpen ? "triggers.hide" : "triggers.show")}
        </Button>
        <span className={styles.muted}>
          {t("triggers.last_call")}:{" "}
          <Moment at={hook.last_delivery_at} never={t("triggers.never_called")} />
        </span>
      </div>
      {isOpen && <HookDeliveries webhookId={hook.id} name={name} />}
    </section>
  );
}

function HookHead({ hook, name }: { hook: Webhook; name: string }) {
  const { t } = useTranslation("settings");
  const mayMake = useMay("workflows:publish");
  const [isMaking, setIsMaking] = useState(false);
  const does = hook.has_secret ? "renew" : "make";
  return (
    <div className={styles.cardHead}>
      <div>
        <OfWorkflow {...hook} />
        <span className={styles.tag} data-tone={hook.active ? "good" : "waiting"}>
          {t(hook.active ? "triggers.active" : "triggers.inactive")}
        </span>
        <span className={styles.tag}>{t(`triggers.auth.${hook.auth}`)}</span>
      </div>
      {hook.auth === "signature" && (
        <LineActions
          may
          actions={[
            {
              text: t(`triggers.${does}`),
              label: t(`triggers.${does}_of`, { name }),
              onClick: () => setIsMaking(true),
              why: mayMake ? undefined : t("triggers.publishers"),
            },
          ]}
        />
      )}
      <HookSecretDialog hook={hook} isOpen={isMaking} onClose={() => setIsMaking(false)} />
    </div>
  );
}

function WhatToShow({ hook }: { hook: Webhook }) {
  const { t } = useTranslation("settings");
  if (hook.auth === "none") return <Notice tone="waiting">{t("triggers.open_text")}</Notice>;
  if (hook.auth === "api_key") return null;
  return (
    <>
      {!hook.has_secret && <Notice tone="waiting">{t("triggers.no_secret")}</Notice>}
      <p className={styles.cardText}>{t("triggers.signed_text")}</p>
    </>
  );
}
