import { LinkRow } from "./link-row";
import { LinkTable } from "./link-table";

/** A list of things that are opened by their line. */
export default { title: "Link table" };

export const Standing = () => (
  <LinkTable className={undefined} label="Workflows" columns={["Name", "State"]} actions="Actions">
    <LinkRow to="/workflows/1" name="City brief" sub="city-brief">
      <span role="cell">Valid</span>
      <span role="cell">…</span>
    </LinkRow>
  </LinkTable>
);
