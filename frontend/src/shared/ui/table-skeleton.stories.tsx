import { TableSkeleton } from "./table-skeleton";

/** What a table looks like before its lines are there. */
export default { title: "Table skeleton" };

export const Standing = () => <TableSkeleton rows={3} widths={["70%", 80]} />;
