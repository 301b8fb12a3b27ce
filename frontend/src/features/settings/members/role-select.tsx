import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useListRolesQuery } from "@/api/generated";
import { rolesWith } from "./roles";

export function RoleSelect(props: {
  label: string;
  value: string;
  onChange: (role: string) => void;
  isDisabled?: boolean;
  isLabelled?: boolean;
}) {
  const { t } = useTranslation("settings");
  const { data } = useListRolesQuery();
  const own = data?.items.filter((role) => !role.built_in).map(({ name }) => name) ?? [];
  return (
    <Select
      {...(props.isLabelled ? { label: props.label } : { "aria-label": props.label })}
      title={props.isDisabled ? t("forbidden") : undefined}
      allowDeselect={false}
      disabled={props.isDisabled}
      value={props.value}
      onChange={(role) => role && role !== props.value && props.onChange(role)}
      data={rolesWith(own, props.value).map((value) => ({
        value,
        label: t(`members.roles.${value}`, value),
      }))}
    />
  );
}
