import { Alert, Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type SignInProvider, useListSignInProvidersQuery } from "@/api/generated";
import styles from "./auth.module.css";
import { ownPath } from "./own-path";

/** Other ways in than a password; nothing where the server has none. */
export function ProviderLinks({ next, isBeside }: { next: string; isBeside?: boolean }) {
  const { t } = useTranslation("auth");
  const { data, error, refetch } = useListSignInProvidersQuery();
  if (error) {
    return (
      <Alert mt={14} color="yellow">
        {t("provider.unlisted")}{" "}
        <Button variant="subtle" size="compact-sm" onClick={refetch}>
          {t("provider.retry")}
        </Button>
      </Alert>
    );
  }
  if (!data || data.items.length === 0) return null;
  return (
    <div className={styles.providers}>
      <p className={styles.or}>{t("provider.or")}</p>
      {data.items.map((one) => (
        <Button
          key={one.id}
          component="a"
          href={startOf(one, next)}
          variant="default"
          size="md"
          fullWidth
          {...(isBeside && {
            target: "_blank",
            rel: "noopener",
            rightSection: <IconExternalLink size={16} aria-hidden />,
          })}
        >
          {t("provider.with", { name: one.title })}
        </Button>
      ))}
      {isBeside && <p className={styles.aside}>{t("provider.beside")}</p>}
    </div>
  );
}

/** The whole page goes there, and the server sends it back to `next`. */
function startOf({ start }: SignInProvider, next: string): string {
  return `${ownPath(start)}?${new URLSearchParams({ next })}`;
}
