/** What the steps of a run say, by step and channel: outside the store, told once per frame, never lost or doubled. */

import type { RunSnapshot } from "@/api/generated";
import type { RunEvent } from "@/domain/runs/apply-event";

export type Channel = "thinking" | "tools" | "answer";
export const CHANNELS: readonly Channel[] = ["thinking", "tools", "answer"];
type Delta = Extract<RunEvent, { type: "step.delta.v1" }>;
interface Said {
  text: string;
  /** Characters as the stream counts them; a smiley is one, though two units of the text. */
  length: number;
}
interface StepTexts {
  exec: number;
  channels: Record<Channel, Said>;
}

const TAIL = 160;

export class TextStore {
  private readonly steps = new Map<string, StepTexts>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly dirty = new Set<string>();
  private frame: number | undefined;

  /** Take a piece of text; a repeat changes nothing, a hole is answered with false. */
  take({ step, data }: Delta): boolean {
    let texts = this.steps.get(step);
    if (!texts || data.exec > texts.exec) {
      texts = { exec: data.exec, channels: { thinking: said(), tools: said(), answer: said() } };
      this.steps.set(step, texts);
    }
    if (data.exec < texts.exec) return true; // a process that was thawed; its successor speaks now
    const known = texts.channels[data.channel as Channel];
    if (data.offset > known.length) return false;
    // Only the piece is looked at: what was said before is never walked through again.
    const characters = [...data.text];
    const fresh = characters.slice(known.length - data.offset);
    if (fresh.length > 0) {
      known.text += fresh.length === characters.length ? data.text : fresh.join("");
      known.length += fresh.length;
      this.changed(step);
    }
    return true;
  }

  /** Take the texts of a snapshot. */
  restart(texts: RunSnapshot["texts"]): void {
    for (const step of this.steps.keys()) this.dirty.add(step);
    this.steps.clear();
    for (const [step, { exec, channels }] of Object.entries(texts)) {
      const {
        thinking = "",
        tools = "",
        answer = "",
      } = channels as Partial<Record<Channel, string>>;
      const whole = { thinking: said(thinking), tools: said(tools), answer: said(answer) };
      this.steps.set(step, { exec, channels: whole });
      this.dirty.add(step);
    }
    this.frame ??= schedule(() => this.flush());
  }

  text(step: string, channel: Channel): string {
    return this.steps.get(step)?.channels[channel].text ?? "";
  }

  /** The end of what a step said last, for two lines on its card. */
  tail(step: string): string {
    const texts = this.steps.get(step)?.channels;
    const last = texts?.answer.text || texts?.tools.text || texts?.thinking.text || "";
    return last.slice(-TAIL);
  }

  subscribe(step: string, listener: () => void): () => void {
    const known = this.listeners.get(step) ?? new Set();
    this.listeners.set(step, known.add(listener));
    return () => known.delete(listener);
  }

  private changed(step: string): void {
    this.dirty.add(step);
    this.frame ??= schedule(() => this.flush());
  }

  private flush(): void {
    this.frame = undefined;
    const steps = [...this.dirty];
    this.dirty.clear();
    for (const step of steps) for (const listener of this.listeners.get(step) ?? []) listener();
  }
}

function said(text = ""): Said {
  return { text, length: [...text].length };
}

function schedule(work: () => void): number {
  return typeof requestAnimationFrame === "function"
    ? requestAnimationFrame(work)
    : (setTimeout(work, 16) as unknown as number);
}
