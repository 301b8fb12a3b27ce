import { NumberInput, PasswordInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useListModelsQuery } from "@/api/generated";
import { KINDS, type ModelFields } from "./model-fields";
import styles from "./models.module.css";

interface Props {
  fields: ModelFields;
  /** Whether the server keeps a key already. */
  hasKey: boolean;
  onChange: (fields: ModelFields) => void;
}

export function ModelFieldset(props: Props) {
  const { t } = useTranslation("settings");
  const { fields, hasKey, onChange } = props;
  const text = (name: "name" | "model" | "base_url", placeholder: string) => (
    <TextInput
      label={t(`models.fields.${name}`)}
      description={t(`models.fields.${name}_text`)}
      placeholder={placeholder}
      required
      {...(name === "name" ? { "data-autofocus": true } : {})}
      value={fields[name]}
      onChange={(event) => onChange({ ...fields, [name]: event.currentTarget.value })}
    />
  );
  return (
    <Stack>
      {text("name", "fast")}
      <Select
        label={t("models.fields.kind")}
        allowDeselect={false}
        value={fields.kind}
        onChange={(next) => {
          const kind = KINDS.find((one) => one === next);
          if (kind) onChange({ ...fields, kind });
        }}
        data={KINDS.map((value) => ({ value, label: t(`models.kinds.${value}`) }))}
      />
      {text("base_url", "https://models.example/v1")}
      {text("model", "small-chat")}
      <PasswordInput
        label={t("models.fields.api_key")}
        description={t(hasKey ? "models.fields.key_kept" : "models.fields.key_text")}
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-label": t("models.fields.show_key") }}
        value={fields.api_key}
        onChange={(event) => onChange({ ...fields, api_key: event.currentTarget.value })}
      />
      <Numbers {...props} />
      <StandsIn {...props} />
      <Switch
        label={t("models.fields.calls_tools")}
        checked={fields.calls_tools}
        onChange={(event) => onChange({ ...fields, calls_tools: event.currentTarget.checked })}
      />
    </Stack>
  );
}

function Numbers({ fields, onChange }: Props) {
  const { t } = useTranslation("settings");
  const optional = (
    name: "input" | "output" | "temperature" | "at_once" | "per_minute",
    most: number,
    step: number,
    least = 0,
  ) => (
    <NumberInput
      label={t(`models.fields.${name}`)}
      min={least}
      max={most}
      step={step}
      value={fields[name]}
      onChange={(value) => onChange({ ...fields, [name]: value === "" ? "" : Number(value) })}
    />
  );
  return (
    <div className={styles.two}>
      <NumberInput
        label={t("models.fields.context_tokens")}
        min={256}
        max={10_000_000}
        step={1_024}
        allowDecimal={false}
        value={fields.context_tokens}
        onChange={(value) => onChange({ ...fields, context_tokens: Number(value) || 256 })}
      />
      {optional("temperature", 2, 0.1)}
      {optional("input", 10_000, 0.1)}
      {optional("output", 10_000, 0.1)}
      {optional("at_once", 1_000, 1, 1)}
      {optional("per_minute", 100_000, 1, 1)}
    </div>
  );
}

/** Which model answers while this one cannot. */
function StandsIn({ fields, onChange }: Props) {
  const { t } = useTranslation("settings");
  const { data } = useListModelsQuery();
  const names = new Set(["default", ...(data?.items ?? []).map(({ name }) => name)]);
  names.delete(fields.name.trim());
  return (
    <Select
      label={t("models.fields.fallback")}
      description={t("models.fields.fallback_text")}
      clearable
      value={fields.fallback || null}
      onChange={(next) => onChange({ ...fields, fallback: next ?? "" })}
      data={[...names]}
    />
  );
}
