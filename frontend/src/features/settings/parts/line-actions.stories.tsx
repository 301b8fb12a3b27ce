import { LineActions } from "./line-actions";

/** The buttons at the end of a line. */
export default { title: "Settings/Line actions" };

const EDIT = { text: "Edit", label: "Edit Ada", onClick: () => undefined };
const DELETE = { text: "Delete", label: "Delete Ada", onClick: () => undefined };

export const Allowed = () => <LineActions may actions={[EDIT, DELETE]} />;

export const Forbidden = () => <LineActions may={false} actions={[EDIT, DELETE]} />;

export const NotNow = () => (
  <LineActions may actions={[{ ...EDIT, why: "It has ended" }, DELETE]} />
);

export const Busy = () => <LineActions may actions={[{ ...EDIT, isBusy: true }, DELETE]} />;
