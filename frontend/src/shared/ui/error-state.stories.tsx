import { OFFLINE, problemFrom, unanswered } from "@/shared/lib/problem";
import { ErrorState } from "./error-state";

/** What failed, in the server's words, with a way on. */
export default { title: "Error state" };

const retry = () => undefined;

export const Failed = () => (
  <ErrorState
    error={problemFrom(403, { title: "Not allowed", trace_id: "trace-1" }, "request-1")}
    onRetry={retry}
  />
);

export const Offline = () => (
  <ErrorState error={{ ...unanswered("request-1"), type: OFFLINE }} onRetry={retry} />
);

export const WithoutWords = () => <ErrorState error={undefined} onRetry={retry} />;
