import { DeliveryPages, useDeliveryPages } from "./delivery-pages";

/** What came to an address or was sent to one. */
export default { title: "Settings/Delivery pages" };

const STATUSES = ["pending", "delivered"] as const;

function Drawn({ items, error }: { items?: string[]; error?: unknown }) {
  const pages = useDeliveryPages<(typeof STATUSES)[number]>();
  const data = items && { items, next_cursor: null };
  return (
    <DeliveryPages
      pages={pages}
      statuses={STATUSES}
      labelOf={(status) => status}
      query={{
        ...(data ? { data } : {}),
        error,
        isLoading: !items && !error,
        refetch: () => undefined,
      }}
      error={undefined}
      empty="Nothing was sent yet."
    >
      {(found) => <p>{found.join(", ")}</p>}
    </DeliveryPages>
  );
}

export const Loading = () => <Drawn />;
export const Empty = () => <Drawn items={[]} />;
export const Failed = () => <Drawn error={{ status: 503, title: "Not available" }} />;
export const Full = () => <Drawn items={["run.finished.v1", "run.failed.v1"]} />;
