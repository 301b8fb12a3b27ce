import { IconCoin } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type BudgetList, useListBudgetsQuery } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { BudgetDialog } from "./budget-dialog";
import { BudgetTable } from "./budget-table";
import { type BudgetPlace, useBudgets } from "./use-budgets";

/** What may be used in a day or a month, by whom, and what is left of it. */
export function BudgetsPage() {
  const { t } = useTranslation("settings");
  const [isNew, setIsNew] = useState(false);
  return (
    <ListPage
      title={t("nav.budgets")}
      words="budgets"
      see="budgets:read"
      change="budgets:manage"
      onNew={() => setIsNew(true)}
    >
      {(may) => <Budgets mayChange={may} isNew={isNew} onNew={setIsNew} />}
    </ListPage>
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
        <NothingYet words="budgets" icon={IconCoin} may={mayChange} onNew={() => onNew(true)} />
      ) : (
        <BudgetTable
          items={list.items}
          mayChange={mayChange}
          onEdit={(place) => setEdited({ list, place })}
          onDelete={(place) => setAsked({ list, place })}
        />
      )}
      <BudgetDialog edited={edited} onClose={close} />
      <DeleteDialog
        words="budgets"
        asked={asked}
        onDelete={remove}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
