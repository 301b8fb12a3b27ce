import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The end of a dialog: the way out that changes nothing, and beside it what it was opened for. */
export function DialogFoot(props: {
  onClose: () => void;
  /** What the way out is called where it is not "Cancel". */
  way?: string;
  /** Room above it, where it does not stand in a stack. */
  mt?: "md";
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end" mt={props.mt}>
      <Button variant="default" onClick={props.onClose}>
        {props.way ?? t("actions.cancel")}
      </Button>
      {props.children}
    </Group>
  );
}
