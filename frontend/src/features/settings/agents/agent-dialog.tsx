import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Agent, useLazyListAgentsQuery, useSaveAgentMutation } from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
import { tellDone } from "../parts/tell";
import { type AgentFields, definitionOf, fieldsOf } from "./agent-fields";
import { AgentFieldset } from "./agent-fieldset";
import type { ToolChoice } from "./tool-choice";

export type EditedAgent = Agent | "new";

interface Props {
  edited: EditedAgent | undefined;
  agents: Agent[];
  toolChoice: ToolChoice;
  onClose: () => void;
}

/** Makes an agent, or changes what runs that start from now on have of it. */
export function AgentDialog({ edited, onClose, ...rest }: Props) {
  const { t } = useTranslation("settings");
  const known = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      size="lg"
      title={known ? t("agents.edit_of", known) : t("agents.new")}
    >
      <AgentForm known={known} onClose={onClose} {...rest} />
    </Dialog>
  );
}

function AgentForm(props: Omit<Props, "edited"> & { known: Agent | undefined }) {
  const { t } = useTranslation("settings");
  const { agents, onClose } = props;
  const [save] = useSaveAgentMutation();
  const form = useAgentFields(props.known, agents, onClose);
  const { base: known, fields, setFields } = form;
  const name = fields.name.trim();
  const submit = async () => {
    const agentDefinition = definitionOf(fields, known);
    const done = await save({ name, agentDefinition, ...(known && { "if-match": known.etag }) });
    if (!done.error) {
      tellDone(t("agents.saved", { name }));
      onClose();
    }
    return form.settle(done);
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={name !== "" && fields.role.trim() !== "" && fields.goal.trim() !== ""}
      conflict={form.conflict}
      labelOf={(field) => t(`agents.${field}`)}
    >
      {!known && (
        <TextInput
          label={t("columns.name")}
          description={t("agents.name_text")}
          placeholder="critic"
          data-autofocus
          required
          autoComplete="off"
          value={fields.name}
          onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
        />
      )}
      <AgentFieldset
        fields={fields}
        toolChoice={props.toolChoice}
        onChange={(more) => setFields({ ...fields, ...more })}
      />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useAgentFields(known: Agent | undefined, agents: Agent[], onClose: () => void) {
  const [read] = useLazyListAgentsQuery();
  return useMerging<Agent | undefined, AgentFields>({
    loaded: known,
    fieldsOf: (agent) => fieldsOf(agent, agents),
    read: () => foundInList(read, ({ name }) => name === known?.name),
    onGone: onClose,
  });
}
