import { DataTable } from "./data-table";

/** Columns where there is room, cards where there is none. */
export default { title: "Settings/Data table" };

const items = [
  { name: "nightly", used: "2 hours ago" },
  { name: "import", used: "never" },
];

export const Full = () => (
  <DataTable
    label="Keys"
    columns={[
      { label: "Name", cell: ({ name }: (typeof items)[number]) => name },
      { label: "Last used", cell: ({ used }) => used, width: "160px" },
    ]}
    items={items}
    keyOf={({ name }) => name}
  />
);
