import { CardStateLine } from "./card-state";
import { STATE } from "./one-card";

/** What a run has done with a step, in one line. */
export default { title: "Canvas/Card state" };

export const Running = () => <CardStateLine state={{ ...STATE, tokens: 480, usd: 0.002 }} />;
export const ThirdAttempt = () => (
  <CardStateLine state={{ ...STATE, status: "retrying", attempt: 3 }} />
);
export const ItemsOfALoop = () => (
  <CardStateLine state={{ ...STATE, executions: ["a[0]", "a[1]", "a[2]"], done: 1 }} />
);
export const NotStarted = () => (
  <CardStateLine state={{ ...STATE, status: "pending", started_at: null, finished_at: null }} />
);
