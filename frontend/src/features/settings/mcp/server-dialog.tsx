import { useTranslation } from "react-i18next";
import {
  type McpServer,
  useCreateMcpServerMutation,
  useLazyListMcpServersQuery,
  useReplaceMcpServerMutation,
} from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
import { tellDone } from "../parts/tell";
import { fieldsOf, isComplete, type ServerFields, serverOf } from "./server-fields";
import { ServerFieldset } from "./server-fieldset";
import { ToolChoice } from "./tool-choice";

export type EditedServer = McpServer | "new";

/** Adds a server, or changes one: its tools are looked at before they are agreed to. */
export function ServerDialog(props: { edited: EditedServer | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { edited, onClose } = props;
  const server = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      title={server ? t("mcp.edit_of", { name: server.name }) : t("mcp.new")}
      size="lg"
    >
      <ServerForm loaded={server} onClose={onClose} />
    </Dialog>
  );
}

function ServerForm(props: { loaded: McpServer | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { loaded, onClose } = props;
  const [create] = useCreateMcpServerMutation();
  const [replace] = useReplaceMcpServerMutation();
  const form = useServerFields(loaded, onClose);
  const { base, fields, setFields } = form;
  const submit = async () => {
    const saveMcpServer = serverOf(fields);
    const done = base
      ? await replace({ serverId: base.id, "if-match": base.etag, saveMcpServer })
      : await create({ saveMcpServer });
    if (!done.error) {
      tellDone(t("mcp.saved", { name: saveMcpServer.name }));
      onClose();
    }
    return form.settle(done);
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={isComplete(fields)}
      conflict={form.conflict}
      labelOf={(field) => t(`mcp.fields.${field}`)}
      show={(field, value) => shown(field, value)}
    >
      <ServerFieldset fields={fields} onChange={(more) => setFields({ ...fields, ...more })} />
      <ToolChoice fields={fields} known={base?.tools ?? []} onChange={setFields} />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useServerFields(server: McpServer | undefined, onClose: () => void) {
  const [read] = useLazyListMcpServersQuery();
  return useMerging<McpServer | undefined, ServerFields>({
    loaded: server,
    fieldsOf,
    read: () => foundInList(read, ({ id }) => id === server?.id),
    onGone: onClose,
  });
}

function shown(field: string, value: unknown): string {
  return field === "tools" ? Object.keys(value ?? {}).join(", ") : `${value ?? ""}`;
}
