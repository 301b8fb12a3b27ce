import { LateMarkdown } from "./late-markdown";

/** The text as it is until its reader is there. */
export default { title: "Late Markdown" };

export const Full = () => <LateMarkdown text={"One in **nine** passengers\n\n- rides at night"} />;
