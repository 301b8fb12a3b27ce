import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Agent, useDeleteAgentMutation, useListAgentsQuery } from "@/api/generated";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { AgentDialog, type EditedAgent } from "./agent-dialog";
import { AgentTable } from "./agent-table";
import { NoAgents } from "./no-agents";
import type { ToolChoice } from "./tool-choice";

/** The agents that workflows can name: the platform's, and those that the workspace has made. */
export function AgentsPage({ toolChoice }: { toolChoice: ToolChoice }) {
  const { t } = useTranslation("settings");
  const maySee = useMay("agents:read");
  const mayChange = useMay("agents:manage");
  const [edited, setEdited] = useState<EditedAgent>();
  const create = (
    <MayButton
      may={mayChange}
      leftSection={<IconPlus size={16} />}
      onClick={() => setEdited("new")}
    >
      {t("agents.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.agents")} text={t("agents.text")} actions={maySee && create}>
      {maySee ? (
        <Agents mayChange={mayChange} toolChoice={toolChoice} edited={edited} onEdit={setEdited} />
      ) : (
        <NotAllowed />
      )}
    </Page>
  );
}

function Agents(props: {
  mayChange: boolean;
  toolChoice: ToolChoice;
  edited: EditedAgent | undefined;
  onEdit: (edited: EditedAgent | undefined) => void;
}) {
  const { mayChange, edited, onEdit } = props;
  const { t } = useTranslation("settings");
  const query = useListAgentsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<Agent>();
  const [remove] = useDeleteAgentMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.every(({ scope }) => scope === "platform") && (
              <NoAgents mayChange={mayChange} onNew={() => onEdit("new")} />
            )}
            {items.length > 0 && (
              <AgentTable items={items} mayChange={mayChange} onEdit={onEdit} onDelete={setAsked} />
            )}
            <AgentDialog
              edited={edited}
              agents={items}
              toolChoice={props.toolChoice}
              onClose={() => onEdit(undefined)}
            />
          </>
        )}
      </Loaded>
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("agents.delete_title", { name: asked?.name })}
        action={t("common:actions.delete")}
        onConfirm={() => remove({ name: asked?.name ?? "", "if-match": asked?.etag ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("agents.delete_text")}
      </ConfirmDialog>
    </>
  );
}
