import { LinkRow } from "./link-row";
import { LinkTable } from "./link-table";

/** A line of a table. */
export default { title: "Link row" };

export const LongName = () => (
  <LinkTable className={undefined} label="Workflows" columns={["Name", "State"]}>
    <LinkRow to="/workflows/1" name={"CityBrief".repeat(30)} sub="city-brief">
      <span role="cell">Valid</span>
    </LinkRow>
  </LinkTable>
);
