import { NumberInput, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLazyListBudgetsQuery, type WorkspaceBudget } from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { tellDone } from "../parts/tell";
import { ReachFields } from "./reach-fields";
import { ScopeFields } from "./scope-fields";
import { type BudgetPlace, placeIn, useBudgets } from "./use-budgets";

const MICRO = 1_000_000;
const NEW: WorkspaceBudget = { scope: "workspace", target: null, period: "month", on_reach: "ask" };

/** Fields that are not called what they are labelled. */
const LABELS: Record<string, string> = { usd_micro: "usd", scope: "whose", target: "whose" };

interface Props {
  edited: BudgetPlace | undefined;
  onClose: () => void;
}

/** Takes a new budget, or what a known one is to be. */
export function BudgetDialog({ edited, onClose }: Props) {
  const { t } = useTranslation("settings");
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      title={t(edited && edited.place >= 0 ? "budgets.edit" : "budgets.new")}
    >
      {edited && <BudgetForm loaded={edited} onClose={onClose} />}
    </Dialog>
  );
}

function BudgetForm({ loaded, onClose }: { loaded: BudgetPlace; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { put } = useBudgets();
  const form = useBudgetFields(loaded, onClose);
  const { fields: budget, setFields } = form;
  const change = (part: Partial<WorkspaceBudget>) => setFields({ ...budget, ...part });
  const submit = async () => {
    const done = await put(form.base, budget);
    if (!done.error) {
      tellDone(t("budgets.saved"));
      onClose();
    }
    return form.settle(done);
  };
  const isCheaper = typeof budget.on_reach === "object";
  const isReady =
    Boolean(budget.tokens || budget.usd_micro) &&
    (budget.scope === "workspace" || Boolean(budget.target)) &&
    (!isCheaper || (typeof budget.on_reach === "object" && budget.on_reach.model !== ""));
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={isReady}
      conflict={form.conflict}
      labelOf={(field) => t(`budgets.${LABELS[field] ?? field}`)}
      show={(field, value) => shown(field, value)}
    >
      <ScopeFields budget={budget} onChange={change} />
      <Select
        label={t("budgets.period")}
        allowDeselect={false}
        value={budget.period}
        onChange={(period) => change({ period: period === "day" ? "day" : "month" })}
        data={(["day", "month"] as const).map((value) => ({
          value,
          label: t(`budgets.periods.${value}`),
        }))}
      />
      <NumberInput
        label={t("budgets.usd")}
        description={t("budgets.limit_text")}
        min={0}
        decimalScale={6}
        allowNegative={false}
        value={budget.usd_micro ? budget.usd_micro / MICRO : ""}
        onChange={(value) =>
          change({ usd_micro: value === "" ? null : Math.round(Number(value) * MICRO) })
        }
      />
      <NumberInput
        label={t("budgets.tokens")}
        min={0}
        allowDecimal={false}
        allowNegative={false}
        value={budget.tokens ?? ""}
        onChange={(value) => change({ tokens: value === "" ? null : Number(value) })}
      />
      <ReachFields budget={budget} onChange={change} />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useBudgetFields(loaded: BudgetPlace, onClose: () => void) {
  const [read] = useLazyListBudgetsQuery();
  const budget = loaded.list.items[loaded.place]?.budget;
  return useMerging<BudgetPlace, WorkspaceBudget>({
    loaded,
    fieldsOf: ({ list, place }) => list.items[place]?.budget ?? NEW,
    read: async () => {
      const data = await read()
        .unwrap()
        .catch(() => undefined);
      const place = data ? placeIn(data, budget) : -1;
      return data && { known: { list: data, place }, isGone: budget !== undefined && place < 0 };
    },
    onGone: onClose,
  });
}

function shown(field: string, value: unknown): string {
  if (field === "usd_micro") return value ? String(Number(value) / MICRO) : "";
  return typeof value === "object" && value !== null
    ? Object.values(value).join()
    : `${value ?? ""}`;
}
