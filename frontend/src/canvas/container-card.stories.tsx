import { OneCard, STATE } from "./one-card";

/** A step that draws the steps inside it. */
export default { title: "Canvas/Container card" };

const POLISH =
  'steps:\n  polish:\n    loop: {over: "${inputs.drafts}"}\n    do:\n' +
  "      check: {agent: qa, prompt: Judge it}\n      mend: {agent: analysis, prompt: Mend it, needs: [check]}\n";
const PATH = "steps.polish";
const ITEMS = ["polish[0]", "polish[1]", "polish[2]"];

export const Idle = () => <OneCard steps={POLISH} />;
export const Selected = () => <OneCard steps={POLISH} selected={[PATH]} />;
export const WithErrors = () => (
  <OneCard steps={POLISH} problems={{ [PATH]: { errors: 1, warnings: 0 } }} />
);
export const Running = () => (
  <OneCard
    steps={POLISH}
    mode="run"
    states={{
      [PATH]: { ...STATE, status: "running" },
      [`${PATH}.do.check`]: { ...STATE, status: "succeeded", executions: ITEMS, done: 3 },
      [`${PATH}.do.mend`]: { ...STATE, status: "running", executions: ITEMS, done: 1 },
    }}
  />
);
export const Failed = () => (
  <OneCard
    steps={POLISH}
    mode="run"
    states={{
      [PATH]: { ...STATE, status: "failed" },
      [`${PATH}.do.check`]: { ...STATE, status: "failed", executions: ITEMS, done: 3 },
      [`${PATH}.do.mend`]: { ...STATE, status: "skipped", started_at: null, finished_at: null },
    }}
  />
);
