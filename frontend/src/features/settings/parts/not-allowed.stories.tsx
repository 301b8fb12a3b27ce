import { NotAllowed } from "./not-allowed";

/** A page that the person's role keeps closed. */
export default { title: "Settings/Not allowed" };

export const Closed = () => <NotAllowed />;
