/** A gateway in memory for tests of pages: what it does not know is an error, not an empty answer. */
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { McpServer, McpServerList, Me, StepTypeList, WorkflowDocument } from "@/api/generated";
import { FakeDesk } from "./fake-desk";
import { FakeDoor } from "./fake-door";
import { FakeEvaluations } from "./fake-evaluations";
import { FakeLibrary } from "./fake-library";
import { FakeMemories } from "./fake-memories";
import { FakeTalks } from "./fake-talks";
import { FakeTriggers } from "./fake-triggers";
import { FakeWishes } from "./fake-wishes";
import { problem } from "./problem";
import { RECENTLY } from "./times";

export const ME: Me = {
  user: { id: "0190-user", email: "ada@example.org" },
  workspace: { id: "0190-workspace", name: "Ada's workshop" },
  role: "owner",
  permissions: ["workflows:read", "workflows:write", "runs:read", "runs:write"],
};

export { problem };

/** What the fake keeps; a test looks into it and changes it. */
export class FakeGateway {
  readonly workflows = new Map<string, WorkflowDocument>();
  stepTypes: StepTypeList = { language: "en", groups: [], items: [] };
  mcpServers: McpServer[] = [];
  mcpPrograms: McpServerList["programs"] = [];
  isSignedIn = true;
  me: Me = ME;
  readonly door = new FakeDoor(this);
  readonly desk = new FakeDesk();
  readonly evaluations = new FakeEvaluations();
  readonly library = new FakeLibrary();
  readonly memories = new FakeMemories();
  readonly talks = new FakeTalks();
  readonly triggers = new FakeTriggers();
  readonly wishes = new FakeWishes();
  private saves = 0;

  addWorkflow(source: string, more: Partial<WorkflowDocument> = {}): WorkflowDocument {
    const id = `0190-workflow-${this.workflows.size + 1}`;
    const made: WorkflowDocument = {
      id,
      source,
      name: id,
      title: id,
      labels: {},
      layout: {},
      tests: "",
      etag: '"1"',
      draft_valid: true,
      problems: [],
      published_version: null,
      updated_at: RECENTLY,
      ...more,
    };
    this.workflows.set(made.id, made);
    return made;
  }

  handlers() {
    return [
      ...this.door.handlers(),
      // No socket here: pages ask for what they are not told.
      http.all("*/socket.io/*", () => HttpResponse.error()),
      http.get("*/v1/runs", () => HttpResponse.json({ items: [], next_cursor: null })),
      http.get("*/v1/runs/:id", () => problem(404, "Run not found")),
      http.get("*/v1/me", () => HttpResponse.json(this.me)),
      http.get("*/v1/mcp-servers", () =>
        HttpResponse.json({ items: this.mcpServers, programs: this.mcpPrograms }),
      ),
      http.get("*/v1/step-types", () => HttpResponse.json(this.stepTypes)),
      http.get("*/v1/workflows", ({ request }) => this.list(new URL(request.url).searchParams)),
      http.get("*/v1/workflows/:id", ({ params }) => {
        const found = this.workflows.get(String(params.id));
        return found
          ? HttpResponse.json(found, { headers: { etag: found.etag } })
          : problem(404, "Workflow not found");
      }),
      http.put("*/v1/workflows/:id", ({ params, request }) =>
        this.save(String(params.id), request),
      ),
      ...this.desk.handlers(),
      ...this.evaluations.handlers(),
      ...this.library.handlers(),
      ...this.memories.handlers(),
      ...this.talks.handlers(),
      ...this.triggers.handlers(),
      ...this.wishes.handlers(),
      http.post("*/v1/validate", () => HttpResponse.json({ problems: [] })),
    ];
  }

  private list(search: URLSearchParams) {
    const [name = "", value] = search.get("label")?.split("=") ?? [];
    const state = search.get("state");
    const stateOf = (one: WorkflowDocument) =>
      one.published_version === null ? "unpublished" : "published";
    const items = [...this.workflows.values()]
      .filter((one) => value === undefined || one.labels[name] === value)
      .filter((one) => !state || (state === "invalid" ? !one.draft_valid : state === stateOf(one)));
    return HttpResponse.json({ items, next_cursor: null });
  }

  private async save(id: string, request: Request) {
    const known = this.workflows.get(id);
    if (!known) return problem(404, "Workflow not found");
    const match = request.headers.get("if-match");
    if (!match) return problem(428, "If-Match is missing");
    if (match !== known.etag) return problem(412, "Changed by somebody else");
    this.saves += 1;
    const body = (await request.json()) as { source: string; layout?: WorkflowDocument["layout"] };
    const next = { ...known, ...body, etag: `"${this.saves + 1}"` };
    this.workflows.set(id, next);
    return HttpResponse.json(next, { headers: { etag: next.etag } });
  }

  /** Start to answer; the caller closes the server. */
  listen() {
    const server = setupServer(...this.handlers());
    server.listen({ onUnhandledFrame: "error" });
    return server;
  }
}
