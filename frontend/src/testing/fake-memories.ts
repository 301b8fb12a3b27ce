/** The part of the fake gateway that remembers what agents have kept. */
import { HttpResponse, http } from "msw";
import type { AgentMemory, CorrectedMemory, ForgetMemories } from "@/api/generated";
import { problem } from "./problem";
import { RECENTLY } from "./times";

/** What the fake keeps; a test looks into it and changes it. */
export class FakeMemories {
  readonly all = new Map<string, AgentMemory>();

  add(text: string, more: Partial<AgentMemory> = {}): AgentMemory {
    const id = `0190-memory-${this.all.size + 1}`;
    const origin = { run_id: "0190-run-1", step: "facts", agent: "research", workflow_id: null };
    const made: AgentMemory = {
      id,
      text,
      origin,
      collection: "notes",
      cut: false,
      used: 0,
      uses: [],
      corrected_by: null,
      corrected_at: null,
      created_at: RECENTLY,
      updated_at: RECENTLY,
      score: null,
      ...more,
    };
    this.all.set(id, made);
    return made;
  }

  /** Somebody changes a text, here or elsewhere. */
  correct(id: string, text: string, by = "ada@example.org"): void {
    const known = this.all.get(id);
    const at = new Date().toISOString();
    if (known)
      this.all.set(id, { ...known, text, corrected_by: by, corrected_at: at, updated_at: at });
  }

  handlers() {
    return [
      http.get("*/v1/memories", ({ request }) => {
        const asked = new URL(request.url).searchParams;
        const fits = (one: AgentMemory) =>
          (!asked.get("agent") || one.origin.agent === asked.get("agent")) &&
          (!asked.get("collection") || one.collection === asked.get("collection")) &&
          (!asked.get("run_id") || one.origin.run_id === asked.get("run_id")) &&
          (!asked.get("query") || one.text.includes(`${asked.get("query")}`));
        const items = [...this.all.values()].filter(fits);
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.get("*/v1/memories/:id", ({ params }) => {
        const known = this.all.get(`${params.id}`);
        return known
          ? HttpResponse.json(known, { headers: { etag: tagOf(known) } })
          : problem(404, "Memory not found");
      }),
      http.put("*/v1/memories/:id", async ({ params, request }) => {
        const known = this.all.get(`${params.id}`);
        if (!known) return problem(404, "Memory not found");
        if (request.headers.get("if-match") !== tagOf(known))
          return problem(412, "The memory has changed meanwhile");
        this.correct(known.id, ((await request.json()) as CorrectedMemory).text);
        return HttpResponse.json(this.all.get(known.id));
      }),
      http.delete("*/v1/memories/:id", ({ params }) => {
        this.all.delete(`${params.id}`);
        return new HttpResponse(null, { status: 204 });
      }),
      http.post("*/v1/memories/forget", async ({ request }) => {
        const { agent, collection } = (await request.json()) as ForgetMemories;
        const gone = [...this.all.values()].filter(
          (one) =>
            (!agent || one.origin.agent === agent) &&
            (!collection || one.collection === collection),
        );
        for (const { id } of gone) this.all.delete(id);
        return HttpResponse.json({ memories: gone.length });
      }),
    ];
  }
}

function tagOf({ text }: AgentMemory): string {
  return `"${text.length}"`;
}
