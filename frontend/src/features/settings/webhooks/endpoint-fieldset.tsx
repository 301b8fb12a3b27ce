import { Checkbox, Stack, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "../parts/parts.module.css";
import { EVENT_KINDS, type EventKind } from "./event-kinds";

export interface EndpointFields {
  url: string;
  description: string;
  events: EventKind[];
  active: boolean;
}

export function EndpointFieldset(props: {
  fields: EndpointFields;
  onChange: (fields: EndpointFields) => void;
}) {
  const { t } = useTranslation("settings");
  const { fields, onChange } = props;
  return (
    <Stack>
      <TextInput
        label={t("webhooks.url")}
        placeholder="https://example.org/hooks/flowloom"
        type="url"
        data-autofocus
        required
        value={fields.url}
        onChange={(event) => onChange({ ...fields, url: event.currentTarget.value })}
      />
      <TextInput
        label={t("webhooks.description")}
        maxLength={200}
        value={fields.description}
        onChange={(event) => onChange({ ...fields, description: event.currentTarget.value })}
      />
      <Checkbox.Group
        label={t("webhooks.events")}
        value={fields.events}
        onChange={(events) => onChange({ ...fields, events: events as EventKind[] })}
      >
        <div className={styles.choices}>
          {EVENT_KINDS.map((kind) => (
            <Checkbox key={kind} value={kind} label={t(`events.${kind}`)} />
          ))}
        </div>
      </Checkbox.Group>
      <Switch
        label={t("webhooks.active")}
        checked={fields.active}
        onChange={(event) => onChange({ ...fields, active: event.currentTarget.checked })}
      />
    </Stack>
  );
}
