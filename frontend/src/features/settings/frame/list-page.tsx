import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import type { ListWords } from "../parts/words";

/** A page about what one may see, and whoever may more makes another of: else it is closed. */
export function ListPage(props: {
  title: string;
  words: ListWords;
  /** The permissions to see the list, and to change it. */
  see: string;
  change: string;
  onNew: () => void;
  children: (mayChange: boolean) => ReactNode;
}) {
  const { t } = useTranslation("settings");
  const maySee = useMay(props.see);
  const mayChange = useMay(props.change);
  const create = (
    <MayButton may={mayChange} leftSection={<IconPlus size={16} />} onClick={props.onNew}>
      {t(`${props.words}.new`)}
    </MayButton>
  );
  return (
    <Page title={props.title} text={t(`${props.words}.text`)} actions={maySee && create}>
      {maySee ? props.children(mayChange) : <NotAllowed />}
    </Page>
  );
}
