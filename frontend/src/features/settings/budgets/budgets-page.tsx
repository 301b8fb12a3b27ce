import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type BudgetList, useListBudgetsQuery } from "@/api/generated";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { BudgetDialog } from "./budget-dialog";
import { BudgetTable } from "./budget-table";
import { NoBudgets } from "./no-budgets";
import { type BudgetPlace, useBudgets } from "./use-budgets";

/** What may be used in a day or a month, by whom, and what is left of it. */
export function BudgetsPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("budgets:read");
  const mayChange = useMay("budgets:manage");
  const [isNew, setIsNew] = useState(false);
  const create = (
    <MayButton may={mayChange} leftSection={<IconPlus size={16} />} onClick={() => setIsNew(true)}>
      {t("budgets.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.budgets")} text={t("budgets.text")} actions={maySee && create}>
      {maySee ? <Budgets mayChange={mayChange} isNew={isNew} onNew={setIsNew} /> : <NotAllowed />}
    </Page>
  );
}

interface Props {
  mayChange: boolean;
  /** A new one is wanted. */
  isNew: boolean;
  onNew: (isNew: boolean) => void;
}

function Budgets(props: Props) {
  const query = useListBudgetsQuery(undefined, { refetchOnMountOrArgChange: true });
  return <Loaded query={query}>{(list) => <Listed list={list} {...props} />}</Loaded>;
}

function Listed({ list, mayChange, isNew, onNew }: Props & { list: BudgetList }) {
  const { t } = useTranslation("settings");
  const { remove } = useBudgets();
  // The list as it was when somebody chose in it: another state may have another budget in that place.
  const [edited, setEdited] = useState<BudgetPlace>();
  const [asked, setAsked] = useState<BudgetPlace>();
  const close = () => {
    setEdited(undefined);
    onNew(false);
  };
  if (isNew && !edited) setEdited({ list, place: -1 });
  return (
    <>
      {list.items.length === 0 ? (
        <NoBudgets mayChange={mayChange} onNew={() => onNew(true)} />
      ) : (
        <BudgetTable
          items={list.items}
          mayChange={mayChange}
          onEdit={(place) => setEdited({ list, place })}
          onDelete={(place) => setAsked({ list, place })}
        />
      )}
      <BudgetDialog edited={edited} onClose={close} />
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("budgets.delete_title")}
        action={t("common:actions.delete")}
        onConfirm={() => (asked ? remove(asked) : Promise.resolve({}))}
        onClose={() => setAsked(undefined)}
      >
        {t("budgets.delete_text")}
      </ConfirmDialog>
    </>
  );
}
