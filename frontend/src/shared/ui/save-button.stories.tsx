import { SaveButton } from "./save-button";

/** A table is fetched and saved. */
export default { title: "Save button" };

export const Idle = () => <SaveButton label="Save as CSV" onSave={async () => undefined} />;
