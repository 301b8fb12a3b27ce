import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./memory.module.css";

/** The ways to newer and older pages of a list, as far as there are any; `cursors` are those gone through. */
export function PageButtons({
  cursors,
  next,
  onGo,
}: {
  cursors: readonly string[];
  next: string | null | undefined;
  onGo: (cursors: string[]) => void;
}) {
  const { t } = useTranslation("memory");
  return (
    <div className={styles.pages}>
      {cursors.length > 0 && (
        <Button variant="default" size="xs" onClick={() => onGo(cursors.slice(0, -1))}>
          {t("newer")}
        </Button>
      )}
      {next && (
        <Button variant="default" size="xs" onClick={() => onGo([...cursors, next])}>
          {t("older")}
        </Button>
      )}
    </div>
  );
}
