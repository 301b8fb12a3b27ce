import { Autocomplete, Group, NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useListSecretsQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import type { ServerFields } from "./server-fields";

interface Props {
  fields: ServerFields;
  onChange: (more: Partial<ServerFields>) => void;
}

/** Where a server is, how one gets in, and how much it may be asked. */
export function ServerFieldset({ fields, onChange }: Props) {
  const { t } = useTranslation("settings");
  const secrets = useListSecretsQuery({}, { skip: !useMay("secrets:read") });
  const text = (name: "name" | "url" | "header" | "scheme", more: object = {}) => (
    <TextInput
      label={t(`mcp.fields.${name}`)}
      autoComplete="off"
      spellCheck={false}
      value={fields[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
      {...more}
    />
  );
  const number = (name: "calls_per_minute" | "timeout_s", max: number) => (
    <NumberInput
      label={t(`mcp.fields.${name}`)}
      min={1}
      max={max}
      allowDecimal={false}
      value={fields[name]}
      onChange={(value) => onChange({ [name]: Number(value) || 1 })}
    />
  );
  return (
    <>
      {text("name", {
        description: t("mcp.fields.name_text"),
        placeholder: "crm",
        required: true,
        maxLength: 40,
        "data-autofocus": true,
      })}
      {text("url", {
        description: t("mcp.fields.url_text"),
        placeholder: "https://crm.example/mcp",
        required: true,
        maxLength: 500,
      })}
      <Autocomplete
        label={t("mcp.fields.secret")}
        description={t("mcp.fields.secret_text")}
        data={secrets.data?.items.map(({ name }) => name) ?? []}
        value={fields.secret}
        onChange={(secret) => onChange({ secret })}
      />
      {fields.secret !== "" && (
        <Group grow align="flex-start">
          {text("header")}
          {text("scheme", { description: t("mcp.fields.scheme_text") })}
        </Group>
      )}
      <Group grow align="flex-end">
        {number("calls_per_minute", 6_000)}
        {number("timeout_s", 120)}
      </Group>
    </>
  );
}
