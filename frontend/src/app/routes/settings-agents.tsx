/** The settings' page of agents, with the builder's way to choose tools. */
import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { AgentsPage } from "@/features/settings/agents/agents-page";
import type { ToolChoice } from "@/features/settings/agents/tool-choice";
import { late } from "@/shared/lib/late";

const ToolPicker = late(() => import("@/features/editor/inspector/tool-picker"));

const chooseTools: ToolChoice = ({ label, description, names, offered, onChange }) => (
  <Suspense fallback={<Skeleton height={60} />}>
    <ToolPicker
      isList
      names={names}
      offered={offered}
      shared={{ label, description, clearable: true }}
      put={(next) => onChange([next].flat())}
    />
  </Suspense>
);

export default function SettingsAgents() {
  return <AgentsPage toolChoice={chooseTools} />;
}
