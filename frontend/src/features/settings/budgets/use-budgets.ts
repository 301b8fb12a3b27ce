import { type BudgetList, useReplaceBudgetsMutation, type WorkspaceBudget } from "@/api/generated";

/** Budgets as they were read, and which of them is meant; -1 is one more behind all others. */
export interface BudgetPlace {
  list: BudgetList;
  place: number;
}

/** Changes of one budget; the server takes all of them together, over the state that was read and no other. */
export function useBudgets() {
  const [replace] = useReplaceBudgetsMutation();
  const save = ({ etag }: BudgetList, items: WorkspaceBudget[]) =>
    replace({ "if-match": etag, saveBudgets: { items } });
  return {
    put: ({ list, place }: BudgetPlace, budget: WorkspaceBudget) => {
      const known = budgetsOf(list);
      return save(list, place < 0 ? [...known, budget] : known.with(place, budget));
    },
    remove: ({ list, place }: BudgetPlace) => save(list, budgetsOf(list).toSpliced(place, 1)),
  };
}

/** Return where the same budget is in another state of the list; -1 when it is not there. */
export function placeIn(list: BudgetList, budget: WorkspaceBudget | undefined): number {
  return budgetsOf(list).findIndex((one) => budget && keyOf(one) === keyOf(budget));
}

function budgetsOf(list: BudgetList): WorkspaceBudget[] {
  return list.items.map(({ budget }) => budget);
}

function keyOf({ scope, target, period }: WorkspaceBudget): string {
  return `${scope} ${target ?? ""} ${period}`;
}
