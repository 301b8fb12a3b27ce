import { Button } from "@mantine/core";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";
import type { ListWords } from "./words";

/** The list is empty: what it is for, and the way to its first line. */
export function NothingYet(props: {
  words: ListWords;
  icon: ComponentProps<typeof EmptyState>["icon"];
  may: boolean;
  onNew: () => void;
}) {
  const { t } = useTranslation("settings");
  const { words, may, onNew } = props;
  return (
    <EmptyState
      icon={props.icon}
      title={t(`${words}.empty`)}
      actions={may && <Button onClick={onNew}>{t(`${words}.new`)}</Button>}
    >
      {t(`${words}.empty_text`)}
    </EmptyState>
  );
}
