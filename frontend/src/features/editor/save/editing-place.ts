/** In which tab a workflow is edited: one has it, the others follow, each may take it over. */
import type { WorkflowDoc } from "@/domain/document/operations";

/** `asking` until the browser has said it; a browser without locks edits everywhere, and saving finds out. */
export type Place = "asking" | "here" | "elsewhere";

type Message = { type: "document"; doc: WorkflowDoc } | { type: "hello" } | { type: "leave" };

/** A tab that was put to sleep does not answer; then its place is taken. */
const PATIENCE_MS = 2_500;

interface Told {
  onPlace: (place: Place) => void;
  /** The other tab's document, as it is edited there. */
  onDocument: (doc: WorkflowDoc) => void;
  /** Somebody wants to edit elsewhere: what is not saved is to be saved now. */
  onLeave: () => Promise<unknown>;
  /** What is open here. */
  document: () => WorkflowDoc;
}

export class EditingPlace {
  private readonly name: string;
  private readonly told: Told;
  private readonly channel: BroadcastChannel | undefined;
  private readonly closing = new AbortController();
  private release: (() => void) | undefined;
  private waiting = new AbortController();
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(workflow_id: string, told: Told) {
    this.name = `flowloom.editing.${workflow_id}`;
    this.told = told;
    if (typeof BroadcastChannel === "undefined" || !navigator.locks) {
      told.onPlace("here");
      return;
    }
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => void this.hear(data);
    void this.enter();
  }

  /** Ask the tab that has it to leave; without an answer it is taken. */
  takeOver(): void {
    this.send({ type: "leave" });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => void this.hold({ steal: true }), PATIENCE_MS);
  }

  /** Ask the tab that has it what the document looks like. */
  ask(): void {
    this.send({ type: "hello" });
  }

  /** Tell the tabs that follow what it looks like now. */
  tell(doc: WorkflowDoc): void {
    if (this.release) this.send({ type: "document", doc });
  }

  close(): void {
    clearTimeout(this.patience);
    this.closing.abort();
    this.waiting.abort();
    this.release?.();
    this.release = undefined;
    this.channel?.close();
  }

  private async enter(): Promise<void> {
    if (await this.hold({ ifAvailable: true })) return;
    this.wait();
  }

  /** Follow until the tab that has it is closed, or leaves. */
  private wait(): void {
    if (this.closing.signal.aborted) return;
    this.told.onPlace("elsewhere");
    this.waiting = new AbortController();
    void this.hold({ signal: this.waiting.signal });
  }

  /** Have the lock until it is released or stolen; false when another tab has it. */
  private async hold(options: LockOptions): Promise<boolean> {
    let isHeld = true;
    try {
      await navigator.locks.request(this.name, options, (lock) => {
        isHeld = lock !== null;
        if (!isHeld || this.closing.signal.aborted) return undefined;
        clearTimeout(this.patience);
        // What was waited for is there; a request that stayed would be granted once more later.
        if (options.signal !== this.waiting.signal) this.waiting.abort();
        this.told.onPlace("here");
        return new Promise<void>((resolve) => {
          this.release = resolve;
        });
      });
    } catch {
      // Stolen, or given up while waiting.
      if (this.release) {
        this.release = undefined;
        this.wait();
      }
    }
    return isHeld;
  }

  private async hear(message: Message): Promise<void> {
    if (message.type === "document" && !this.release) this.told.onDocument(message.doc);
    if (message.type === "hello") this.tell(this.told.document());
    if (message.type !== "leave" || !this.release) return;
    await this.told.onLeave();
    this.release?.();
    this.release = undefined;
    this.wait();
  }

  private send(message: Message): void {
    // What is closed hears nothing, and may be told nothing.
    if (!this.closing.signal.aborted) this.channel?.postMessage(message);
  }
}
