/** What the public interface promises, read from its committed description: every answer of the fake is held to it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const FILE = fileURLToPath(new URL("../../../services/gateway/openapi.json", import.meta.url));
const METHODS = ["get", "post", "put", "patch", "delete"];

interface Media {
  example?: unknown;
}
interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Route {
  method: string;
  template: string;
  pattern: RegExp;
  operation: Operation;
}

export class Contract {
  private readonly routes: Route[] = [];
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });
  private readonly checks = new Map<string, ValidateFunction>();

  constructor() {
    const described = JSON.parse(readFileSync(FILE, "utf8"));
    this.ajv.addSchema(described, "openapi");
    for (const [template, item] of Object.entries<Record<string, Operation>>(described.paths)) {
      for (const method of METHODS) {
        const operation = item[method];
        if (operation)
          this.routes.push({ method, template, pattern: asPattern(template), operation });
      }
    }
    // `/members/me` is another route than `/members/{user_id}`.
    this.routes.sort((one, other) => parameters(one) - parameters(other));
  }

  /** Return what the description gives as an example of the answer to a request. */
  example(method: string, path: string): { status: number; body: unknown } | undefined {
    const route = this.find(method, path);
    const [status, answer] =
      Object.entries(route?.operation.responses ?? {}).find(([code]) => code < "300") ?? [];
    const media = answer?.content?.["application/json"];
    return status && media && "example" in media
      ? { status: Number(status), body: media.example }
      : undefined;
  }

  /** Say what is wrong with an answer; nothing when it has the promised shape. */
  fault(
    method: string,
    path: string,
    status: number,
    type: string,
    body: string,
  ): string | undefined {
    const route = this.find(method, path);
    if (!route) return `${method} ${path} is no route of the public interface`;
    const answer = route.operation.responses[status];
    // Refusals that every route may give are not listed with each.
    if (!answer)
      return status < 300 ? `${method} ${route.template} never answers ${status}` : undefined;
    const media = type.split(";")[0]?.trim() ?? "";
    if (!answer.content?.[media] || !/json$/.test(media)) return undefined;
    const check = this.checkOf(route, status, media);
    return check(JSON.parse(body))
      ? undefined
      : `${method} ${route.template} ${status}: ${this.ajv.errorsText(check.errors)}`;
  }

  private find(method: string, path: string): Route | undefined {
    return this.routes.find((one) => one.method === method.toLowerCase() && one.pattern.test(path));
  }

  private checkOf(route: Route, status: number, media: string): ValidateFunction {
    const parts = [
      "paths",
      route.template,
      route.method,
      "responses",
      status,
      "content",
      media,
      "schema",
    ];
    const at = parts.map((part) =>
      encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1")),
    );
    const ref = `openapi#/${at.join("/")}`;
    const known = this.checks.get(ref) ?? this.ajv.compile({ $ref: ref });
    this.checks.set(ref, known);
    return known;
  }
}

function asPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}

function parameters({ template }: Route): number {
  return template.split("{").length;
}
