/** The part of the fake gateway that knows things: collections, documents, and a search that finds them all. */
import { HttpResponse, http } from "msw";
import type { Collection, MemoryDocument, NewCollection, PassageHit } from "@/api/generated";
import { problem } from "./fake-gateway";
import { RECENTLY } from "./times";

/** What the fake keeps; a test looks into it and changes it. */
export class FakeLibrary {
  readonly collections = new Map<string, Collection>();
  readonly documents = new Map<string, MemoryDocument>();
  /** What the next upload brings. */
  arriving = { collection: "attachments", name: "plan.txt" };

  addCollection(name: string, more: Partial<Collection> = {}): Collection {
    const made: Collection = {
      name,
      description: "",
      readers: [],
      writers: [],
      rerank: false,
      documents: 0,
      passages: 0,
      created_at: RECENTLY,
      ...more,
    };
    this.collections.set(name, made);
    return made;
  }

  addDocument(collection: string, name: string, more: Partial<MemoryDocument> = {}): string {
    const id = `0190-document-${this.documents.size + 1}`;
    this.documents.set(id, {
      id,
      collection,
      name,
      media_type: "",
      size_bytes: 11,
      status: "ready",
      problem: null,
      passages: 1,
      embedded: 0,
      attempts: 0,
      pages: null,
      metadata: {},
      source: {},
      quarantined: false,
      created_at: RECENTLY,
      updated_at: RECENTLY,
      ...more,
    });
    return id;
  }

  change(name: string, to: Partial<MemoryDocument>): void {
    for (const [id, known] of this.documents)
      if (known.name === name) this.documents.set(id, { ...known, ...to });
  }

  handlers() {
    return [
      http.get("*/v1/collections", () =>
        HttpResponse.json({ items: [...this.collections.values()], next_cursor: null }),
      ),
      http.post("*/v1/collections", async ({ request }) => {
        const body = (await request.json()) as NewCollection;
        return HttpResponse.json(
          this.addCollection(body.name, { ...body, rerank: body.rerank ?? false }),
          { status: 201 },
        );
      }),
      http.get("*/v1/documents", ({ request }) => {
        const collection = new URL(request.url).searchParams.get("collection");
        const items = [...this.documents.values()].filter((one) => one.collection === collection);
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.post("*/v1/documents", () => {
        // The form of a test's browser cannot be sent by the fetch of its machine, so the test says what arrives.
        const { collection, name } = this.arriving;
        const id = this.addDocument(collection, name, { status: "embedding" });
        return HttpResponse.json(this.documents.get(id), { status: 201 });
      }),
      http.get("*/v1/documents/:id", ({ params }) => this.found(String(params.id))),
      http.post("*/v1/documents/:id/retry", ({ params }) => {
        const known = this.documents.get(String(params.id));
        if (known) this.change(known.name, { status: "queued", problem: null });
        return this.found(String(params.id));
      }),
      http.post("*/v1/memory/search", () =>
        HttpResponse.json({ items: [...this.documents.values()].map(hitOf) }),
      ),
    ];
  }

  private found(id: string) {
    const known = this.documents.get(id);
    return known ? HttpResponse.json(known) : problem(404, "No such document");
  }
}

function hitOf({ collection, id, name }: MemoryDocument): PassageHit {
  return {
    text: "The bearings are changed every two years.",
    kind: "text",
    collection,
    score: 0.03,
    similarity: 0.6,
    vector_rank: 1,
    text_rank: null,
    rerank_score: null,
    citation: {
      document_id: id,
      name,
      headings: ["Bearings"],
      page_from: 3,
      page_to: 3,
      start: 10,
      end: 51,
    },
    metadata: {},
    created_at: RECENTLY,
  };
}
