import { ActionIcon } from "@mantine/core";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { Panel, useReactFlow, useStore } from "@xyflow/react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { paced } from "@/shared/lib/paced";
import styles from "./canvas.module.css";

/** How the canvas is looked at; a page adds its own tools after it. */
export const CanvasControls = memo(function CanvasControls({ children }: { children: ReactNode }) {
  const { t } = useTranslation("canvas");
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const tools = [
    { label: t("zoom_out"), icon: IconMinus, act: () => zoomOut({ duration: paced(150) }) },
    { label: t("zoom_in"), icon: IconPlus, act: () => zoomIn({ duration: paced(150) }) },
    {
      label: t("fit"),
      icon: IconFocusCentered,
      act: () => fitView({ duration: paced(200), padding: 0.18, maxZoom: 1.1 }),
    },
  ];
  const [out, ...rest] = tools.map(({ label, icon: Icon, act }) => (
    <ActionIcon key={label} aria-label={label} data-hint={label} onClick={act} size="md">
      <Icon size={16} />
    </ActionIcon>
  ));
  return (
    <Panel position="bottom-left" className={styles.controls ?? ""}>
      {out}
      <Zoom />
      {rest}
      {children}
    </Panel>
  );
});

/** Of its own: it is drawn anew with each frame of zooming. */
function Zoom() {
  const { zoomTo } = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <button
      type="button"
      className={styles.zoom}
      onClick={() => zoomTo(1, { duration: paced(150) })}
      aria-label={`${percent} %`}
    >
      {percent} %
    </button>
  );
}
