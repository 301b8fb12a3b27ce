import { Moment } from "./moment";

/** When something was, in words. */
export default { title: "Settings/Moment" };

export const Past = () => <Moment at="2026-03-07T10:00:00Z" />;

export const Never = () => <Moment at={null} />;
