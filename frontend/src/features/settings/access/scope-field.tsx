import { Checkbox, Input, SegmentedControl, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "../parts/parts.module.css";

export interface ScopeWish {
  way: "read" | "chosen" | "all";
  chosen: string[];
}

/** Return the scopes that a wish means to somebody with these permissions. */
export function scopesOf({ way, chosen }: ScopeWish, permissions: string[]): string[] {
  if (way === "all") return ["*"];
  return way === "read" ? permissions.filter((one) => one.endsWith(":read")) : chosen;
}

/** What a key may do: never more than who makes it. */
export function ScopeField(props: {
  wish: ScopeWish;
  onChange: (wish: ScopeWish) => void;
  permissions: string[];
}) {
  const { t } = useTranslation("settings");
  const { wish, onChange, permissions } = props;
  return (
    <Input.Wrapper
      label={t("access.scopes")}
      description={t(`access.ways.${wish.way}_text`)}
      labelElement="div"
    >
      <Stack gap="sm" mt="xs">
        <SegmentedControl
          aria-label={t("access.scopes")}
          value={wish.way}
          onChange={(way) => onChange({ ...wish, way: way as ScopeWish["way"] })}
          data={(["read", "chosen", "all"] as const).map((value) => ({
            value,
            label: t(`access.ways.${value}`),
          }))}
        />
        {wish.way === "chosen" && (
          <Checkbox.Group
            value={wish.chosen}
            onChange={(chosen) => onChange({ ...wish, chosen })}
            aria-label={t("access.scopes")}
          >
            <div className={styles.choices}>
              {permissions.map((scope) => (
                <Checkbox key={scope} value={scope} label={<code>{scope}</code>} />
              ))}
            </div>
          </Checkbox.Group>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
