import { EditorPage } from "@/features/editor/editor-page";
import { editorSlice } from "@/features/editor/editor-slice";
import { LastRunContext } from "@/features/editor/last-run-context";
import { late } from "@/shared/lib/late";
import { addSlice } from "../store";

addSlice(editorSlice);

const LastRun = late(() => import("@/features/runs/last-run/last-run"));

/** The builder, with what another feature knows of the last run. */
export default function EditorRoute() {
  return (
    <LastRunContext value={LastRun}>
      <EditorPage />
    </LastRunContext>
  );
}
