import { configureStore } from "@reduxjs/toolkit";
import { Provider } from "react-redux";
import { problemFrom } from "@/shared/lib/problem";
import { editorSlice } from "../editor-slice";
import { SaveStatus } from "./save-status";
import type { SaveState } from "./use-autosave";

/** Whether the server has what is on the screen. */
export default { title: "Editor/Save status" };

const store = configureStore({ reducer: { editor: editorSlice.reducer } });
const refusal = (status: number, title: string) => problemFrom(status, { title });
const drawn = (state: SaveState) => () => (
  <Provider store={store}>
    <SaveStatus state={state} />
  </Provider>
);

export const Saved = drawn({ status: "saved" });
export const Changed = drawn({ status: "dirty" });
export const Saving = drawn({ status: "saving" });
export const Offline = drawn({ status: "offline", problem: refusal(503, "Service not available") });
export const Refused = drawn({ status: "refused", problem: refusal(403, "Not allowed") });
