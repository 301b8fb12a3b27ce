import { DeleteDialog } from "./delete-dialog";

/** The question before something goes. */
export default { title: "Settings/Delete dialog" };

export const Asked = () => (
  <DeleteDialog
    words="secrets"
    asked={{ name: "crm_token" }}
    onDelete={() => Promise.resolve({})}
    onClose={() => undefined}
  />
);
