import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowsDiff, IconDots, IconFlask, IconGitFork } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type RunRecordExport, useListRunsQuery, useSaveRunAsTestMutation } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import { isFinished, isRunFinished, type RunView } from "@/domain/runs/run-view";
import { useLateOpening } from "@/shared/hooks/use-late-opening";
import { ago } from "@/shared/lib/format";
import { late } from "@/shared/lib/late";
import { AgainItems } from "./control/again-items";
import { SavedTestDialog } from "./save-as-test";
import { TraceItems } from "./trace-items";

const ForkDialog = late(async () => ({ default: (await import("./fork/fork-dialog")).ForkDialog }));
const AgainDialog = late(() => import("./control/again-dialog"));
const MOST_OTHERS = 8;

interface RunMenuProps {
  record: RunRecordExport;
  workflow: Workflow;
  run: RunView;
  /** The step that is looked at, as the run names it. */
  chosen: string | undefined;
}

/** What else can be done with a run: begin again in its middle, compare it, keep it as a test. */
export default function RunMenu({ record, workflow, run, chosen }: RunMenuProps) {
  const { t } = useTranslation("runs");
  const [isForking, setIsForking] = useState(false);
  const [editing, setEditing] = useState<{ published: number | null | undefined }>();
  // It is here because somebody asked for it.
  const [isOpen, setIsOpen] = useState(true);
  const { target, isReady } = useLateOpening<HTMLButtonElement>();
  const [save, saved] = useSaveRunAsTestMutation();
  const { id, workflow: of, forked_from } = record.run;
  const { data } = useListRunsQuery({ workflowId: of.id, limit: MOST_OTHERS + 1 });
  const others = (data?.items ?? []).filter((other) => other.id !== id).slice(0, MOST_OTHERS);
  const steps = run.order.filter((path) => isFinished(run.steps[path]?.status ?? "pending"));
  const from = chosen && steps.includes(chosen) ? chosen : steps[0];
  return (
    <>
      <Menu
        position="bottom-end"
        width={260}
        withInitialFocusPlaceholder={false}
        opened={isOpen && isReady}
        onChange={setIsOpen}
      >
        <Menu.Target>
          <ActionIcon
            ref={target}
            size="lg"
            variant="default"
            aria-label={t("common:actions.more")}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <AgainItems
            run={record.run}
            view={run}
            onEdit={(published) => setEditing({ published })}
          />
          <Menu.Item
            leftSection={<IconGitFork size={16} />}
            disabled={!from}
            onClick={() => setIsForking(true)}
          >
            {t("fork.title")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFlask size={16} />}
            disabled={!isRunFinished(run.status)}
            onClick={() => save({ runId: id })}
          >
            {t("test.save")}
          </Menu.Item>
          <TraceItems record={record} />
          {others.length > 0 && <Menu.Label>{t("compare.with")}</Menu.Label>}
          {others.map((other) => (
            <Menu.Item
              key={other.id}
              component={Link}
              to={`/runs/${id}/compare/${other.id}`}
              leftSection={<IconArrowsDiff size={16} />}
            >
              {other.id === forked_from?.run_id ? t("compare.origin") : ago(other.created_at)}{" "}
              {t(`common:status.${other.status}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {isForking && from && (
        <Suspense>
          <ForkDialog
            record={record}
            workflow={workflow}
            steps={steps}
            from={from}
            onClose={() => setIsForking(false)}
          />
        </Suspense>
      )}
      {editing && (
        <Suspense>
          <AgainDialog
            run={record.run}
            published={editing.published}
            onClose={() => setEditing(undefined)}
          />
        </Suspense>
      )}
      {saved.data && (
        <SavedTestDialog test={saved.data} name={of.name} onClose={() => saved.reset()} />
      )}
    </>
  );
}
