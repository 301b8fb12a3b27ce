/** Versions of the fake gateway's workflows: published, compared with the draft, made the draft again. */
import { HttpResponse, http } from "msw";
import type {
  Publish,
  Restore,
  VersionDiff,
  VersionDocument,
  WorkflowDocument,
} from "@/api/generated";
import { readWorkflow } from "@/domain/document/workflow";
import { lineChanges } from "@/domain/merge/line-changes";
import { linesOf } from "@/domain/merge/line-diff";
import { ME, problem } from "@/testing/fake-gateway";

export class FakeVersions {
  private readonly kept = new Map<string, VersionDocument[]>();
  private readonly workflows: Map<string, WorkflowDocument>;
  private restored = 0;

  constructor(workflows: Map<string, WorkflowDocument>) {
    this.workflows = workflows;
  }

  /** The versions of a workflow, the oldest first. */
  of(id: string): VersionDocument[] {
    return this.kept.get(id) ?? [];
  }

  /** Freeze the draft. */
  publish(id: string, note: string | null = null): number {
    const draft = this.draft(id);
    const version = this.of(id).length + 1;
    const made: VersionDocument = {
      version,
      note,
      published_by: ME.user.email,
      published_at: new Date(Date.UTC(2026, 2, 8, 9, version)).toISOString(),
      document_hash: String(version).repeat(64).slice(0, 64),
      source: draft.source,
      layout: draft.layout,
    };
    this.kept.set(id, [...this.of(id), made]);
    this.workflows.set(id, { ...draft, published_version: version });
    return version;
  }

  handlers() {
    return [
      http.post("*/v1/workflows/:id/publish", async ({ params, request }) => {
        const body = (await request.json().catch(() => null)) as Publish | null;
        return this.known(params.id, (id) => ({ version: this.publish(id, body?.note) }), 201);
      }),
      http.get("*/v1/workflows/:id/versions", ({ params }) =>
        this.known(params.id, (id) => ({
          items: this.of(id)
            .toReversed()
            .map(({ source: _, layout: __, ...summary }) => summary),
          next_cursor: null,
        })),
      ),
      http.get("*/v1/workflows/:id/versions/diff", ({ params, request }) => {
        const asked = new URL(request.url).searchParams;
        const [before, after] = [asked.get("before") ?? "", asked.get("after") ?? ""];
        return this.known(params.id, (id) =>
          difference({ before, after }, this.text(id, before), this.text(id, after)),
        );
      }),
      http.get("*/v1/workflows/:id/versions/:version", ({ params }) =>
        this.known(params.id, (id) => this.of(id)[Number(params.version) - 1] ?? {}),
      ),
      http.post("*/v1/workflows/:id/restore", async ({ params, request }) => {
        const { version } = (await request.json()) as Restore;
        const id = String(params.id);
        const known = this.workflows.get(id);
        const old = this.of(id)[version - 1];
        if (!known || !old) return problem(404, "Version not found");
        if (request.headers.get("if-match") !== known.etag)
          return problem(412, "Changed by somebody else");
        this.restored += 1;
        const { source, layout } = old;
        const next = { ...known, source, layout, etag: `"restored-${this.restored}"` };
        this.workflows.set(id, next);
        return HttpResponse.json(next, { headers: { etag: next.etag } });
      }),
    ];
  }

  private known(id: unknown, answer: (id: string) => object, status = 200) {
    return this.workflows.has(String(id))
      ? HttpResponse.json(answer(String(id)), { status })
      : problem(404, "Workflow not found");
  }

  private draft(id: string): WorkflowDocument {
    const found = this.workflows.get(id);
    if (!found) throw new Error(`no workflow ${id}`);
    return found;
  }

  /** The text of a version, by its number or as the draft. */
  private text(id: string, which: string): string {
    return which === "draft"
      ? this.draft(id).source
      : (this.of(id)[Number(which) - 1]?.source ?? "");
  }
}

function difference(
  names: { before: string; after: string },
  before: string,
  after: string,
): VersionDiff {
  const [old, now] = [stepsOf(before), stepsOf(after)];
  return {
    ...names,
    added: [...now.keys()].filter((path) => !old.has(path)),
    removed: [...old.keys()].filter((path) => !now.has(path)),
    changed: [...now].flatMap(([path, said]) =>
      old.has(path) && old.get(path) !== said ? [path] : [],
    ),
    unified: unified(names, before, after),
  };
}

/** What steps say, by their paths as runs name them. */
function stepsOf(source: string): Map<string, string> {
  const nameOf = (path: string) => path.replace(/^steps\./, "").replaceAll(".do.", ".");
  const { steps } = readWorkflow(source);
  return new Map(steps.map(({ path, data }) => [nameOf(path), JSON.stringify(data)]));
}

/** One hunk with all lines: longer than the server's, of the same form. */
function unified(names: { before: string; after: string }, before: string, after: string): string {
  const lines = lineChanges(before, after).map(({ sign, text }) => `${sign}${text}`);
  if (lines.length === 0) return "";
  const [old, now] = [linesOf(before).length, linesOf(after).length];
  const head = [`--- ${names.before}`, `+++ ${names.after}`, `@@ -1,${old} +1,${now} @@`];
  return `${[...head, ...lines].join("\n")}\n`;
}
