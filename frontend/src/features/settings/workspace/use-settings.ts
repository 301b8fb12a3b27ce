import {
  useLazyGetSettingsQuery,
  useReplaceSettingsMutation,
  type WorkspaceSettings,
} from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";

type Fields = Pick<WorkspaceSettings, "run_retention_days" | "self_approval">;

function fieldsOf({ run_retention_days, self_approval }: WorkspaceSettings): Fields {
  return { run_retention_days, self_approval };
}

/** The workspace's settings as they are edited; the default model, which has its page, stays as it is. */
export function useSettings(loaded: WorkspaceSettings) {
  const [read] = useLazyGetSettingsQuery();
  const [replace, { error, isLoading, isSuccess, reset }] = useReplaceSettingsMutation();
  const form = useMerging<WorkspaceSettings, Fields>({
    loaded,
    fieldsOf,
    read: async () => {
      const data = await read()
        .unwrap()
        .catch(() => undefined);
      return data && { known: data, isGone: false };
    },
  });
  const { base, fields, setFields } = form;
  const isChanged = JSON.stringify(fields) !== JSON.stringify(fieldsOf(base));
  const save = async () => {
    const { etag, default_model } = base;
    const done = await replace({
      "if-match": etag,
      saveSettings: { default_model, ...fields },
    });
    if (done.data) form.restart(done.data);
    else void form.settle(done);
  };
  return {
    days: fields.run_retention_days,
    approval: fields.self_approval,
    error,
    isLoading,
    isChanged,
    isSaved: isSuccess && !isChanged,
    conflict: form.conflict,
    /** The refusal has been answered. */
    forget: reset,
    setDays: (run_retention_days: number | null) => setFields({ ...fields, run_retention_days }),
    setApproval: (self_approval: Fields["self_approval"]) =>
      setFields({ ...fields, self_approval }),
    save,
  };
}
