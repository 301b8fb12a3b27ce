import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Endpoint } from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import { LineActions } from "../parts/line-actions";
import { Notice } from "../parts/notice";
import styles from "../parts/parts.module.css";
import { DeleteEndpointDialog } from "./delete-endpoint-dialog";
import { Deliveries } from "./deliveries";
import { RenewSecretDialog } from "./renew-secret-dialog";
import { TestEndpoint } from "./test-endpoint";

interface Props {
  endpoint: Endpoint;
  may: boolean;
  onEdit: () => void;
}

/** One address: what it is told, whether it works, and what was sent to it. */
export function EndpointCard({ endpoint, may, onEdit }: Props) {
  const { t } = useTranslation("settings");
  const [isOpen, setIsOpen] = useState(false);
  const { url, events, failing_since, disabled_reason } = endpoint;
  return (
    <section className={styles.card} aria-label={url}>
      <EndpointHead endpoint={endpoint} may={may} onEdit={onEdit} />
      {disabled_reason && <Notice tone="failed">{disabled_reason}</Notice>}
      {!disabled_reason && failing_since && (
        <Notice tone="waiting">{t("webhooks.failing", { since: dateTime(failing_since) })}</Notice>
      )}
      {!endpoint.subscriber_id && <Notice tone="waiting">{t("webhooks.nobodys")}</Notice>}
      <div>
        {events.map((event) => (
          <span key={event} className={styles.tag}>
            {t(`events.${event}`)}
          </span>
        ))}
      </div>
      <div className={styles.cardHead}>
        <Button
          variant="default"
          size="xs"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t(isOpen ? "webhooks.hide_deliveries" : "webhooks.show_deliveries")}
        </Button>
        <TestEndpoint endpoint={endpoint} may={may} onSent={() => setIsOpen(true)} />
      </div>
      {isOpen && <Deliveries endpointId={endpoint.id} may={may} />}
    </section>
  );
}

function EndpointHead({ endpoint, may, onEdit }: Props) {
  const { t } = useTranslation("settings");
  const [open, setOpen] = useState<"secret" | "delete">();
  const close = () => setOpen(undefined);
  const { url, description, active } = endpoint;
  return (
    <div className={styles.cardHead}>
      <div>
        <h2 className={styles.cardTitle}>{url}</h2>
        <span className={styles.tag} data-tone={active ? "good" : "waiting"}>
          {t(active ? "webhooks.active" : "webhooks.inactive")}
        </span>
        <span className={styles.muted}>{description}</span>
      </div>
      <LineActions
        may={may}
        actions={[
          { text: t("edit"), label: t("webhooks.edit_of", { url }), onClick: onEdit },
          {
            text: t("webhooks.renew"),
            label: t("webhooks.renew_of", { url }),
            onClick: () => setOpen("secret"),
          },
          {
            text: t("common:actions.delete"),
            label: t("webhooks.delete_of", { url }),
            onClick: () => setOpen("delete"),
          },
        ]}
      />
      <RenewSecretDialog endpoint={endpoint} isOpen={open === "secret"} onClose={close} />
      <DeleteEndpointDialog endpoint={endpoint} isOpen={open === "delete"} onClose={close} />
    </div>
  );
}
