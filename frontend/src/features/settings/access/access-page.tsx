import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { NotAllowed } from "../parts/not-allowed";
import type { AccessWords } from "./access";

/** A page about what programs get in with: its list and a way to make another, or that it is closed. */
export function AccessPage(props: {
  title: string;
  words: AccessWords;
  permission: string;
  list: (onNew: () => void) => ReactNode;
  newDialog: (isOpen: boolean, onClose: () => void) => ReactNode;
}) {
  const { t } = useTranslation("settings");
  const may = useMay(props.permission);
  const [isNew, setIsNew] = useState(false);
  const open = () => setIsNew(true);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {t(`${props.words}.new`)}
    </Button>
  );
  return (
    <Page title={props.title} text={t(`${props.words}.text`)} actions={may && create}>
      {may ? props.list(open) : <NotAllowed />}
      {may && props.newDialog(isNew, () => setIsNew(false))}
    </Page>
  );
}
