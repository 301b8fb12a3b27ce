import { IconRobot } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Agent, useDeleteAgentMutation, useListAgentsQuery } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { AgentDialog, type EditedAgent } from "./agent-dialog";
import { AgentTable } from "./agent-table";
import type { ToolChoice } from "./tool-choice";

/** The agents that workflows can name: the platform's, and those that the workspace has made. */
export function AgentsPage({ toolChoice }: { toolChoice: ToolChoice }) {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<EditedAgent>();
  return (
    <ListPage
      title={t("nav.agents")}
      words="agents"
      see="agents:read"
      change="agents:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => <Agents may={may} toolChoice={toolChoice} edited={edited} onEdit={setEdited} />}
    </ListPage>
  );
}

function Agents(props: {
  may: boolean;
  toolChoice: ToolChoice;
  edited: EditedAgent | undefined;
  onEdit: (edited: EditedAgent | undefined) => void;
}) {
  const { may, edited, onEdit } = props;
  const query = useListAgentsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<Agent>();
  const [remove] = useDeleteAgentMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.every(({ scope }) => scope === "platform") && (
              <NothingYet words="agents" icon={IconRobot} may={may} onNew={() => onEdit("new")} />
            )}
            {items.length > 0 && (
              <AgentTable items={items} mayChange={may} onEdit={onEdit} onDelete={setAsked} />
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
      <DeleteDialog
        words="agents"
        asked={asked}
        onDelete={({ name, etag }) => remove({ name, "if-match": etag ?? "" })}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
