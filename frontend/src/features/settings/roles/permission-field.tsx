import { Checkbox, Input } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMe } from "../parts/use-me";
import { actOf, areasOf } from "./permissions";
import styles from "./roles.module.css";

/** What a role may do, by area; nobody can give what they have not got. */
export function PermissionField(props: {
  all: readonly string[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}) {
  const { t } = useTranslation("settings");
  const { all, chosen, onChange } = props;
  const own = useMe().me?.permissions ?? [];
  return (
    <Input.Wrapper
      label={t("columns.scopes")}
      description={t("roles.permissions_text")}
      labelElement="div"
    >
      <Checkbox.Group value={chosen} onChange={onChange} aria-label={t("columns.scopes")}>
        <div className={styles.areas}>
          {areasOf(all).map(({ area, permissions }) => (
            <fieldset key={area} className={styles.area}>
              <legend>{t(`roles.areas.${area}`, area)}</legend>
              {permissions.map((permission) => (
                <Checkbox
                  key={permission}
                  size="xs"
                  value={permission}
                  label={t(`roles.acts.${actOf(permission)}`, actOf(permission))}
                  disabled={!own.includes(permission)}
                  title={own.includes(permission) ? permission : t("roles.not_yours")}
                />
              ))}
            </fieldset>
          ))}
        </div>
      </Checkbox.Group>
    </Input.Wrapper>
  );
}
