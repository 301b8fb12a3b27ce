/** The part of the fake gateway that talks: every message is answered at once with what the test has set. */
import { HttpResponse, http } from "msw";
import type {
  Conversation,
  Message,
  MessageCitation,
  NewConversation,
  Regenerate,
  SendMessage,
} from "@/api/generated";
import { problem } from "./fake-gateway";
import { RECENTLY } from "./times";

interface Talk {
  conversation: Conversation;
  messages: Message[];
}

/** What the fake keeps; a test looks into it and changes it. */
export class FakeTalks {
  answer: { text: string; source?: string } = { text: "Yes." };
  /** Whether answers take their time: each is `running` until it is ended or stopped. */
  isSlow = false;
  /** What an answer that is stopped has said so far; whoever keeps its run knows. */
  onStop: (runId: string) => string = () => "";
  readonly begun: NewConversation[] = [];
  readonly sent: SendMessage[] = [];
  /** Of which models other answers were wanted; null: of the same. */
  readonly models: (string | null)[] = [];
  private readonly talks = new Map<string, Talk>();
  private count = 0;

  /** Add a conversation in which this was said in turn; `last` changes its last answer. */
  add(title: string, said: string[], last: Partial<Message> = {}): string {
    const id = this.begin({ target: { kind: "agent", agent: "research" }, title }).id;
    const { messages } = this.of(id);
    for (const [n, text] of said.entries()) {
      const role = n % 2 === 0 ? "user" : "assistant";
      messages.push(this.message(role, text, messages.at(-1)?.id ?? null));
    }
    Object.assign(messages.at(-1) ?? {}, last);
    return id;
  }

  handlers() {
    return [
      http.get("*/v1/agents", () => HttpResponse.json({ items: [], next_cursor: null })),
      http.get("*/v1/conversations", () =>
        HttpResponse.json({
          items: [...this.talks.values()].map(({ conversation }) => conversation),
          next_cursor: null,
        }),
      ),
      http.post("*/v1/conversations", async ({ request }) => {
        const body = (await request.json()) as NewConversation;
        this.begun.push(body);
        return HttpResponse.json(this.begin(body), { status: 201 });
      }),
      http.get("*/v1/conversations/:id", ({ params }) => {
        const found = this.talks.get(String(params.id));
        return found
          ? HttpResponse.json(found.conversation)
          : problem(404, "Conversation not found");
      }),
      http.get("*/v1/conversations/:id/messages", ({ params, request }) => {
        const found = this.talks.get(String(params.id));
        return found
          ? HttpResponse.json(pageOf(found.messages, new URL(request.url).searchParams))
          : problem(404, "Conversation not found");
      }),
      http.post("*/v1/conversations/:id/messages/:given/stop", ({ params }) => {
        const { messages } = this.of(String(params.id));
        const answer = messages.find(({ id }) => id === params.given);
        if (!answer) return problem(404, "Message not found");
        this.end(answer.id, { status: "stopped", text: this.onStop(answer.run_id ?? "") });
        return HttpResponse.json(answer, { status: 202 });
      }),
      http.post("*/v1/conversations/:id/messages", async ({ params, request }) => {
        const body = (await request.json()) as SendMessage;
        this.sent.push(body);
        const { messages } = this.of(String(params.id));
        const edited = messages.find(({ id }) => id === body.edits);
        const parent = edited ? edited.parent_id : (body.after ?? null);
        const message = this.message("user", body.text, parent);
        messages.push(message);
        return this.answered(String(params.id), message);
      }),
      http.post(
        "*/v1/conversations/:id/messages/:given/regenerate",
        async ({ params, request }) => {
          const body = (await request.json().catch(() => null)) as Regenerate | null;
          this.models.push(body?.model ?? null);
          const { messages } = this.of(String(params.id));
          const given = messages.find(({ id }) => id === params.given);
          const message = messages.find(({ id }) => id === given?.parent_id);
          return message
            ? this.answered(String(params.id), message)
            : problem(404, "Message not found");
        },
      ),
    ];
  }

  /** Let an answer that took its time end. */
  end(answerId: string, as: Partial<Message>): void {
    const answer = [...this.talks.values()]
      .flatMap(({ messages }) => messages)
      .find(({ id }) => id === answerId);
    if (!answer) throw new Error(`no message ${answerId}`);
    Object.assign(answer, { status: "done", ended_at: RECENTLY, ...as });
  }

  /** The newest message of a conversation. */
  last(id: string): Message | undefined {
    return this.of(id).messages.at(-1);
  }

  private answered(id: string, message: Message) {
    const answer = this.message("assistant", this.isSlow ? "" : this.answer.text, message.id);
    if (this.isSlow) Object.assign(answer, { status: "running", ended_at: null });
    answer.run_id = `0190-run-${answer.id}`;
    if (this.answer.source) answer.citations = [citationOf(this.answer.source)];
    this.of(id).messages.push(answer);
    return HttpResponse.json({ message, answer }, { status: 202 });
  }

  private begin(body: NewConversation): Conversation {
    const made: Conversation = {
      id: `0190-talk-${this.talks.size + 1}`,
      title: body.title ?? "",
      target: body.target as Conversation["target"],
      memory: { enabled: false, collections: [], ...body.memory },
      while_running: body.while_running ?? "queue",
      created_at: RECENTLY,
      updated_at: RECENTLY,
    };
    this.talks.set(made.id, { conversation: made, messages: [] });
    return made;
  }

  private message(role: Message["role"], text: string, parent: string | null): Message {
    this.count += 1;
    return {
      id: `0190-message-${String(this.count).padStart(3, "0")}`,
      parent_id: parent,
      role,
      text,
      status: "done",
      run_id: null,
      attachments: [],
      citations: [],
      error: null,
      model: null,
      created_at: RECENTLY,
      ended_at: RECENTLY,
    };
  }

  private of(id: string): Talk {
    const found = this.talks.get(id);
    if (!found) throw new Error(`no conversation ${id}`);
    return found;
  }
}

function pageOf(messages: Message[], asked: URLSearchParams) {
  const from = Number(asked.get("cursor") ?? 0);
  const until = from + Number(asked.get("limit") ?? 50);
  return {
    items: messages.slice(from, until),
    next_cursor: until < messages.length ? String(until) : null,
  };
}

function citationOf(name: string): MessageCitation {
  return {
    n: 1,
    collection: "manuals",
    text: "The bearings are changed every two years.",
    citation: {
      document_id: "0190-document-1",
      name,
      headings: [],
      page_from: 3,
      page_to: 3,
      start: 10,
      end: 51,
    },
  };
}
