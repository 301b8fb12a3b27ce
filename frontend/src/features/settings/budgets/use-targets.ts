import {
  useListApiKeysQuery,
  useListMembersQuery,
  useListWorkflowsQuery,
  type WorkspaceBudget,
} from "@/api/generated";

const MOST = 200;
export type BudgetScope = WorkspaceBudget["scope"];

/** What budgets of these scopes can be about, with names that people know. */
export function useTargets(scopes: ReadonlySet<BudgetScope>) {
  const limit = { limit: MOST };
  const workflows = useListWorkflowsQuery(limit, { skip: !scopes.has("workflow") });
  const members = useListMembersQuery(limit, { skip: !scopes.has("member") });
  const keys = useListApiKeysQuery(limit, { skip: !scopes.has("api_key") });
  const found: Record<BudgetScope, { value: string; label: string }[]> = {
    workspace: [],
    workflow: (workflows.data?.items ?? []).map((one) => ({ value: one.id, label: one.title })),
    member: (members.data?.items ?? []).map((one) => ({ value: one.user_id, label: one.email })),
    api_key: (keys.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
  };
  return found;
}
