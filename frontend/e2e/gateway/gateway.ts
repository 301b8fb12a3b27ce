/** The fake gateway as a server: the built page, the public interface, the event socket, and faults on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getResponse, type HttpHandler, HttpResponse, http } from "msw";
import type { StepTypeList } from "@/api/generated";
import { localProblems } from "@/domain/validation/local-problems";
import { FakeGateway, ME } from "@/testing/fake-gateway";
import { Contract } from "./contract";
import { FakeExchange } from "./fake-exchange";
import { FakeRuns } from "./fake-runs";
import { FakeVersions } from "./fake-versions";
import { BUILT, PageFiles } from "./page-files";
import stepTypes from "./step-types.json" with { type: "json" };
import { Streams } from "./streams";

const contract = new Contract();
const EVERYTHING =
  `workflows:read workflows:write workflows:publish runs:read runs:start runs:cancel runs:retry
  approvals:read approvals:decide triggers:read triggers:manage events:emit rules:read rules:manage secrets:read
  secrets:manage api_keys:manage audit:read usage:read budgets:read budgets:manage settings:read settings:manage
  models:read models:manage agents:read agents:manage webhook_endpoints:read webhook_endpoints:manage api_clients:manage
  members:read members:manage mcp_servers:read mcp_servers:manage memory:read memory:write`.split(
    /\s+/,
  );

export class E2eGateway extends FakeGateway {
  readonly streams = new Streams();
  readonly runs = new FakeRuns(this.streams);
  readonly exchange = new FakeExchange(this);
  readonly versions = new FakeVersions(this.workflows);
  /** What was answered in a shape that the public interface does not have, and asked that it does not know. */
  readonly faults: string[] = [];
  /** Requests as they came: `GET /v1/me`. */
  readonly requests: string[] = [];
  private readonly overrides: HttpHandler[] = [];
  private readonly pages: PageFiles;
  private server: Server | undefined;
  private port = 0;
  /** Gives the page, but answers nothing else, as a server that is down behind its proxy. */
  isDown = false;
  /** Tabs, by their header `x-tab`, that are not answered: what one sends while it closes comes a little later. */
  readonly cutOff = new Set<string>();

  /** `pages` is the folder of a build. */
  constructor(pages = BUILT) {
    super();
    this.pages = new PageFiles(pages);
    this.stepTypes = stepTypes as unknown as StepTypeList;
    this.me = { ...ME, permissions: EVERYTHING };
    this.streams.person = () => this.desk.waiting();
    this.talks.onStop = (runId) => this.runs.stop(runId);
    this.runs.sourceOf = (id) => this.workflows.get(id)?.source ?? "";
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Answer before everything else; the newest is asked first. */
  use(...handlers: HttpHandler[]): void {
    this.overrides.unshift(...handlers);
  }

  override handlers(): HttpHandler[] {
    return [
      ...this.overrides,
      ...this.runs.handlers(),
      ...this.exchange.handlers(),
      ...this.versions.handlers(),
      this.validation(),
      ...super.handlers(),
    ];
  }

  /** The browser's rules are the server's, held together by shared vectors; what needs a server's data is not judged. */
  private validation(): HttpHandler {
    return http.post("*/v1/validate", async ({ request }) => {
      const { source } = (await request.json()) as { source: string };
      return HttpResponse.json({ problems: localProblems(source) });
    });
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.serve(request, response));
    this.streams.attach(server);
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await this.streams.close();
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? "/", this.url).pathname;
    if (path.startsWith("/socket.io")) return;
    if (!path.startsWith("/v1/")) {
      await this.pages.send(path, incoming, outgoing);
      return;
    }
    if (this.isDown || this.cutOff.has(`${incoming.headers["x-tab"]}`)) {
      incoming.socket.destroy();
      return;
    }
    const method = incoming.method ?? "GET";
    this.requests.push(`${method} ${path}`);
    const answer = await this.answer(method, path, await requestFrom(incoming, this.url));
    const body = await answer.text();
    const fault = contract.fault(
      method,
      path,
      answer.status,
      answer.headers.get("content-type") ?? "",
      body,
    );
    if (fault) this.faults.push(fault);
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
  }

  private async answer(method: string, path: string, request: Request): Promise<Response> {
    const scripted = await getResponse(this.handlers(), request);
    if (scripted) return scripted;
    const example = contract.example(method, path);
    if (example) return HttpResponse.json(example.body as object, { status: example.status });
    this.faults.push(`nothing answers ${method} ${path}`);
    return HttpResponse.json({ title: "Unknown" }, { status: 501 });
  }
}

async function requestFrom(incoming: IncomingMessage, origin: string): Promise<Request> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const method = incoming.method ?? "GET";
  const headers = new Headers(incoming.headers as Record<string, string>);
  const body = method === "GET" || chunks.length === 0 ? null : Buffer.concat(chunks);
  return new Request(new URL(incoming.url ?? "/", origin), { method, headers, body });
}
