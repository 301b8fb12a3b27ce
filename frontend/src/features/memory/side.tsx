import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** What is told of one thing beside the list it stands in; open while there is something. */
export function Side(props: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation("memory");
  return (
    <Drawer
      opened={Boolean(props.children)}
      onClose={props.onClose}
      position="right"
      size="lg"
      title={props.title}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {props.children}
    </Drawer>
  );
}
