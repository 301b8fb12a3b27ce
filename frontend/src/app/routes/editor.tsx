import { EditorPage } from "@/features/editor/editor-page";
import { editorSlice } from "@/features/editor/editor-slice";
import { addSlice } from "../store";

addSlice(editorSlice);

export default EditorPage;
