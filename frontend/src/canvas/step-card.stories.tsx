import type { CardState } from "@/domain/runs/step-states";
import { OneCard, STATE } from "./one-card";

/** One step on the canvas, as it is edited and as a run draws it. */
export default { title: "Canvas/Step card" };

const WRITE = "steps:\n  write: {agent: research, prompt: Write about trams}\n";
const PATH = "steps.write";
const inRun = (more: Partial<CardState>) => () => (
  <OneCard steps={WRITE} mode="run" states={{ [PATH]: { ...STATE, ...more } }} />
);

export const Idle = () => <OneCard steps={WRITE} />;
export const Selected = () => <OneCard steps={WRITE} selected={[PATH]} />;
export const WithErrors = () => (
  <OneCard steps={WRITE} problems={{ [PATH]: { errors: 2, warnings: 0 } }} />
);
export const WithAWarning = () => (
  <OneCard steps={WRITE} problems={{ [PATH]: { errors: 0, warnings: 1 } }} />
);
export const Pinned = () => (
  <OneCard steps={WRITE} layout={{ pins: { [PATH]: "Trams are old." } }} />
);
export const Conditional = () => (
  <OneCard steps={'steps:\n  write: {agent: research, prompt: Hi, if: "${inputs.topic}"}\n'} />
);
export const WithALongTitle = () => (
  <OneCard
    steps={
      "steps:\n  write: {agent: qa, prompt: Hi, title: Compare what the brief says with every source}\n"
    }
  />
);
export const Branches = () => (
  <OneCard
    steps={
      'steps:\n  pick:\n    switch:\n      - {when: "${inputs.urgent}", then: [call]}\n      - {else: [call]}\n' +
      "  call: {http: {url: https://example.org}}\n"
    }
  />
);
export const OfAnUnknownKind = () => <OneCard steps={"steps:\n  write: {teleport: home}\n"} />;

export const Pending = inRun({ status: "pending", started_at: null, finished_at: null });
export const Queued = inRun({ status: "queued", started_at: null, finished_at: null });
export const Running = inRun({ status: "running", tokens: 480, usd: 0.002 });
export const Retrying = inRun({ status: "retrying", attempt: 2 });
export const Waiting = inRun({ status: "waiting" });
export const Succeeded = inRun({ status: "succeeded", tokens: 12_400, usd: 0.031 });
export const Reused = inRun({ status: "reused" });
export const Failed = inRun({ status: "failed", attempt: 3 });
export const Skipped = inRun({ status: "skipped", started_at: null, finished_at: null });
export const Cancelled = inRun({ status: "cancelled" });
