import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { CardStateLine } from "./card-state";
import styles from "./cards.module.css";
import { FrameTitle } from "./frame-title";
import { FRAME_HEAD } from "./frames";
import type { FrameNode } from "./graph";
import { useWriting } from "./writing";

/** Steps that belong together: a frame with a title around them, or closed one card in their place. */
export const FrameCard = memo(function FrameCard({ id, data, selected }: NodeProps<FrameNode>) {
  const { frame } = data;
  const { t } = useTranslation("canvas");
  const { fold } = useWriting();
  const { group, isClosed, state } = frame;
  const count = Object.keys(frame.members).length;
  const Icon = isClosed ? IconChevronRight : IconChevronDown;
  const label = t(isClosed ? "group_open" : "group_close", { title: group.title });
  return (
    <div
      id={id}
      role="group"
      aria-label={t("group", { title: group.title, count })}
      className={styles.frame}
      data-colour={group.colour}
      data-selected={selected || undefined}
      data-closed={isClosed || undefined}
      data-status={state?.status}
    >
      <div className={styles.frameHead} style={{ blockSize: FRAME_HEAD }} data-frame-handle>
        <ActionIcon
          size="sm"
          tabIndex={-1}
          className="nodrag"
          aria-label={label}
          aria-expanded={!isClosed}
          onClick={(event) => {
            event.stopPropagation();
            fold(group.id);
          }}
        >
          <Icon size={14} />
        </ActionIcon>
        <FrameTitle id={id} group={group} />
      </div>
      {isClosed && (
        <div className={styles.frameBody} data-frame-handle>
          {state ? <CardStateLine state={state} /> : t("group_steps", { count })}
        </div>
      )}
      {isClosed && <End id="in" type="target" position={Position.Left} />}
      {isClosed && <End id="out" type="source" position={Position.Right} />}
    </div>
  );
});

/** Where wires of what is inside end; nothing can be connected to a group. */
function End(props: { id: string; type: "source" | "target"; position: Position }) {
  return <Handle {...props} className={styles.handle} isConnectable={false} />;
}
