import { Button, Skeleton, Stack } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { problemFrom } from "@/shared/lib/problem";
import { EmptyState } from "./empty-state";
import { ErrorState } from "./error-state";
import { Page } from "./page";

/** The four states of every page. */
export default { title: "Page" };

export const Loading = () => (
  <Page title="Runs">
    <Stack aria-busy>
      {[70, 55, 62].map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </Stack>
  </Page>
);

export const Empty = () => (
  <Page title="Runs">
    <EmptyState icon={IconActivity} title="Nothing has run yet">
      Open a workflow and press Run.
    </EmptyState>
  </Page>
);

export const Failed = () => (
  <Page title="Runs">
    <ErrorState error={problemFrom(503, { title: "Not available" }, "request-1")} />
  </Page>
);

export const Full = () => (
  <Page title="Runs" text="What has been carried out." actions={<Button>New</Button>}>
    <p>What the page is about.</p>
  </Page>
);
