import { Pager, usePager } from "./pager";

/** Ways through a list that is read page by page. */
export default { title: "Settings/Pager" };

export const First = () => <Pager pager={usePager()} next="2" />;

export const Last = () => (
  <Pager pager={{ ...usePager(), isFirst: false, cursor: "2" }} next={null} />
);

/** Everything is on one page: nothing is drawn. */
export const Only = () => <Pager pager={usePager()} next={null} />;
