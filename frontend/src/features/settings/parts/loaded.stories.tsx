import { IconKey } from "@tabler/icons-react";
import { problemFrom } from "@/shared/lib/problem";
import { EmptyState } from "@/shared/ui/empty-state";
import { DataTable } from "./data-table";
import { Loaded } from "./loaded";

/** What a request brought, before that its shape, and instead of it why it failed. */
export default { title: "Settings/Loaded" };

const refetch = () => undefined;
const list = (names: string[]) =>
  names.length === 0 ? (
    <EmptyState icon={IconKey} title="No keys yet">
      Make one for each program that starts runs.
    </EmptyState>
  ) : (
    <DataTable
      label="Keys"
      columns={[{ label: "Name", cell: (name: string) => name }]}
      items={names}
      keyOf={(name) => name}
    />
  );

export const Loading = () => <Loaded<string[]> query={{ isLoading: true, refetch }}>{list}</Loaded>;

export const Empty = () => <Loaded query={{ data: [], isLoading: false, refetch }}>{list}</Loaded>;

export const Failed = () => (
  <Loaded<string[]>
    query={{ error: problemFrom(503, { title: "Not available" }), isLoading: false, refetch }}
  >
    {list}
  </Loaded>
);

export const Full = () => (
  <Loaded query={{ data: ["nightly", "import"], isLoading: false, refetch }}>{list}</Loaded>
);
