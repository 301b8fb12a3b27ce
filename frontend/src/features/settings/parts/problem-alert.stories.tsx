import { problemFrom } from "@/shared/lib/problem";
import { ProblemAlert } from "./problem-alert";

/** Why the server refused, field by field. */
export default { title: "Settings/Problem" };

const errors = [{ path: "name", message: "At most 80 characters." }];

export const Refused = () => (
  <ProblemAlert error={problemFrom(422, { title: "Not valid", errors, trace_id: "trace-1" })} />
);

export const Stale = () => (
  <ProblemAlert error={problemFrom(412, { title: "Changed by somebody else" })} />
);

export const Nothing = () => <ProblemAlert error={undefined} />;
