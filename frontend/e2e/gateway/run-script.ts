/** Writes the events of a run as its stream would have them: numbered, with a clock of their own. */
import type { Approval, CallData, RunMilestone, StepMilestone } from "@/api/generated";
import type { RunEvent } from "@/domain/runs/apply-event";

interface StepFacts {
  kind?: string;
  agent?: string | null;
  attempt?: number;
}
interface Usage {
  tokens: number;
  usd: number;
  tokens_saved: number;
}

export class RunScript {
  readonly events: RunEvent[] = [];
  private at: number;
  private readonly said = new Map<string, number>();
  private readonly facts = new Map<string, Required<StepFacts>>();
  readonly runId: string;

  constructor(runId: string, start = Date.UTC(2026, 2, 8, 9)) {
    this.runId = runId;
    this.at = start;
    this.run("run.accepted.v1", "queued");
  }

  wait(ms: number): this {
    this.at += ms;
    return this;
  }

  run(type: RunMilestone["type"], status: string, more: object = {}): this {
    const data = { status, reason: null, outputs: null, error: null, usage: NOTHING, ...more };
    return this.add(type, data);
  }

  starts(step: string, facts: StepFacts = {}): this {
    const known = { kind: "agent", agent: null, attempt: 1, ...this.facts.get(step), ...facts };
    this.facts.set(step, known);
    return this.step("step.started.v1", step, { status: "running", exec: known.attempt });
  }

  /** Say a text in pieces of a few characters. */
  says(step: string, text: string, { channel = "answer", piece = 12, everyMs = 40 } = {}): this {
    const key = `${step} ${channel} ${this.facts.get(step)?.attempt ?? 1}`;
    const characters = [...text];
    for (let from = 0; from < characters.length; from += piece) {
      const part = characters.slice(from, from + piece);
      const offset = this.said.get(key) ?? 0;
      this.said.set(key, offset + part.length);
      const exec = this.facts.get(step)?.attempt ?? 1;
      this.wait(everyMs).add("step.delta.v1", { exec, channel, offset, text: part.join("") }, step);
    }
    return this;
  }

  calls(
    step: string,
    name: string,
    more: Partial<CallData> & { kind?: "model" | "tool" } = {},
  ): this {
    const { kind = "model", ...given } = more;
    const data = {
      exec: 1,
      call: 1,
      name,
      arguments_preview: null,
      duration_ms: 400,
      replayed: false,
      run_id: null,
    };
    const usage = kind === "model" ? { ...NOTHING, tokens: 120, usd: 0.0004 } : null;
    return this.add(`${kind}.called.v1`, { ...data, usage, ...given }, step);
  }

  ends(step: string, output: unknown, more: object = {}): this {
    const usage: Usage = { ...NOTHING, tokens: 240, usd: 0.0012 };
    return this.step("step.finished.v1", step, {
      status: "succeeded",
      output_preview: output,
      usage,
      ...more,
    });
  }

  fails(step: string, code: string, message: string): this {
    return this.step("step.finished.v1", step, { status: "failed", error: { code, message } });
  }

  step(type: StepMilestone["type"], step: string, more: object): this {
    const { kind, agent } = this.facts.get(step) ?? { kind: "transform", agent: null };
    const data = {
      kind,
      agent,
      exec: null,
      output_preview: null,
      output_ref: null,
      error: null,
      usage: null,
      recovered: null,
      wake_at: null,
      ...more,
    };
    return this.add(type, data, step);
  }

  /** A person is asked: an item of the inbox. */
  asks(step: string, item: Approval): this {
    return this.step("step.waiting.v1", step, { status: "waiting" }).add(
      "approval.requested.v1",
      { ...item },
      step,
    );
  }

  finishes(outputs: object | null, status = "succeeded", error: object | null = null): this {
    const usage: Usage = { ...NOTHING, tokens: 480, usd: 0.0024 };
    return this.run("run.finished.v1", status, { outputs, error, usage });
  }

  private add(type: string, data: object, step?: string): this {
    const attempt = step ? (this.facts.get(step)?.attempt ?? 1) : 1;
    const ofStep = step ? { step, iteration: null, attempt } : {};
    this.events.push({
      stream: `run:${this.runId}`,
      run_id: this.runId,
      epoch: 1,
      seq: this.events.length + 1,
      at: new Date(this.at).toISOString(),
      type,
      data,
      ...ofStep,
    } as RunEvent);
    return this;
  }
}

const NOTHING: Usage = { tokens: 0, usd: 0, tokens_saved: 0 };
