import { type ComponentProps, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../parts/confirm-dialog";
import type { Outcome } from "../parts/dialog-form";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { Pager, type usePager } from "../parts/pager";
import type { Access, AccessWords } from "./access";
import { type AccessRows, AccessTable } from "./access-table";

interface Props<T extends Access> {
  words: AccessWords;
  icon: ComponentProps<typeof NothingYet>["icon"];
  pager: ReturnType<typeof usePager>;
  query: ComponentProps<typeof Loaded<{ items: T[]; next_cursor: string | null }>>["query"];
  rows: AccessRows<T>;
  revoke: (id: string) => Outcome;
  rotation: (asked: T | undefined, onClose: () => void) => ReactNode;
  onNew: () => void;
}

/** What programs get in with, page by page; asks before it ends one, and replaces the secret of one. */
export function AccessList<T extends Access>(props: Props<T>) {
  const { t } = useTranslation("settings");
  const { words, pager } = props;
  const [asked, setAsked] = useState<T>();
  const [rotated, setRotated] = useState<T>();
  return (
    <>
      <Loaded query={props.query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pager.isFirst ? (
            <NothingYet words={words} icon={props.icon} may onNew={props.onNew} />
          ) : (
            <>
              <AccessTable
                {...props.rows}
                items={items}
                onRevoke={setAsked}
                onRotate={setRotated}
              />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
      {props.rotation(rotated, () => setRotated(undefined))}
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("access.revoke_title", { name: asked?.name })}
        action={t("access.revoke")}
        onConfirm={() => props.revoke(asked?.id ?? "")}
        onClose={() => setAsked(undefined)}
      >
        {t(`${words}.revoke_text`)}
      </ConfirmDialog>
    </>
  );
}
