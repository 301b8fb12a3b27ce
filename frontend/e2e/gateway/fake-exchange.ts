/** Workflows that come and go as files, of ours and of other programs, and those that are deleted. */
import { HttpResponse, http } from "msw";
import type { Imported, ImportWorkflow } from "@/api/generated";
import { type FakeGateway, problem } from "@/testing/fake-gateway";

export class FakeExchange {
  readonly imported: ImportWorkflow[] = [];
  readonly deleted: string[] = [];
  /** What the next import does not carry over. */
  problems: Imported["problems"] = [];
  /** What an export names. */
  secrets: string[] = [];
  private readonly gateway: FakeGateway;

  constructor(gateway: FakeGateway) {
    this.gateway = gateway;
  }

  handlers() {
    return [
      http.post("*/v1/import", async ({ request }) => {
        const body = (await request.json()) as ImportWorkflow;
        if (body.source.trim() === "broken") return problem(422, "This is no such file");
        this.imported.push(body);
        const workflow = this.gateway.addWorkflow(body.source, { title: "Imported" });
        const notes = this.problems.map(({ where, what, to_do }) => `${where}: ${what} ${to_do}`);
        return HttpResponse.json({ workflow, notes, problems: this.problems }, { status: 201 });
      }),
      http.get("*/v1/workflows/:id/export", ({ params }) => {
        const known = this.gateway.workflows.get(String(params.id));
        if (!known) return problem(404, "Workflow not found");
        const { name, source, tests } = known;
        const file_name = `${name}.yaml`;
        return HttpResponse.json({ file_name, source, tests, layout: {}, secrets: this.secrets });
      }),
      http.delete("*/v1/workflows/:id", ({ params }) => {
        const id = String(params.id);
        if (!this.gateway.workflows.delete(id)) return problem(404, "Workflow not found");
        this.deleted.push(id);
        return new HttpResponse(null, { status: 204 });
      }),
    ];
  }
}
