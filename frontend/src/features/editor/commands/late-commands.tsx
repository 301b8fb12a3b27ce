import { Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useOfferedCommands } from "@/shared/commands/command-store";
import { late } from "@/shared/lib/late";
import { focusCanvas } from "../regions";
import type { Wanted } from "../use-canvas-events";
import type { Catalogue } from "../use-catalogue";
import type { Edits } from "../use-edits";
import type { EditorActions } from "./editor-actions";
import { useEditorCommands } from "./use-editor-commands";
import { useMenuPlace } from "./use-menu-place";
import { useReshaping } from "./use-reshaping";

const ContextMenu = late(() => import("./context-menu"));

interface LateCommandsProps {
  actions: EditorActions;
  catalogue: Catalogue;
  edits: Edits;
  want: (wanted: Wanted) => void;
}

/** Everything that can be done in the builder by key, palette or menu; fetched beside the page. */
export default function LateCommands({ actions, catalogue, edits, want }: LateCommandsProps) {
  const { t } = useTranslation("editor");
  const reshaping = useReshaping(edits, want);
  useEditorCommands({ actions, catalogue, reshaping });
  const { place, open, close } = useMenuPlace({ edits, want });
  const menu = useMemo(
    () => [
      {
        id: "menu",
        label: t("commands.menu"),
        group: t("commands.select"),
        keys: "Shift+F10",
        isForCanvas: true,
        run: open,
      },
    ],
    [t, open],
  );
  useOfferedCommands(menu);
  const leave = () => {
    close();
    focusCanvas();
  };
  return (
    <Suspense fallback={null}>{place && <ContextMenu place={place} onClose={leave} />}</Suspense>
  );
}
