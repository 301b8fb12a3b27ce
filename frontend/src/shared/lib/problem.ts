/** What went wrong with a request, in one form: RFC 9457, a proxy's own JSON, or no answer at all. */
export interface FieldProblem {
  path: string;
  code: string;
  message: string;
}
/** A problem of a document, as far as a page shows it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  trace_id: string;
  errors: FieldProblem[];
  /** What the server sent beside the agreed fields, such as the problems of a document. */
  body: Record<string, unknown>;
}

/** Types of problems that have no answer of a server. */
export const OFFLINE = "/problems/offline";
export const UNREADABLE = "/problems/unreadable";

const PROXY_TITLES: Record<number, string> = {
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  413: "Too large",
  429: "Too many requests",
  500: "Something broke",
  502: "Service not reachable",
  503: "Service not available",
  504: "Service did not answer in time",
};

/** Return the problem that an answer of status 400 or more tells of. */
export function problemFrom(status: number, body: unknown, requestId = ""): Problem {
  const found = isRecord(body) ? body : {};
  const title = text(found.title) || PROXY_TITLES[status] || "The request failed";
  return {
    type: text(found.type) || `/problems/http-${status}`,
    title,
    status,
    // A proxy says `message`, some say `error`; both are text for people.
    detail: text(found.detail) || text(found.message) || text(found.error),
    trace_id: text(found.trace_id) || text(found.request_id) || requestId,
    errors: Array.isArray(found.errors) ? found.errors.filter(isFieldProblem) : [],
    body: found,
  };
}

/** Return why, in one text: what was said of the whole, else of each field a line. */
export function reasonOf({ detail, errors }: Problem): string {
  return detail || errors.map(({ path, message }) => `${path}: ${message}`).join("\n");
}

/** Return the problem of a request that nobody answered. */
export function unanswered(requestId = ""): Problem {
  return {
    type: OFFLINE,
    title: "No connection",
    status: 0,
    detail: "The server cannot be reached.",
    trace_id: requestId,
    errors: [],
    body: {},
  };
}

/** Return whether nobody is there to answer: later the same request may go well. */
export function isAway({ status }: Problem): boolean {
  return status === 0 || status >= 500;
}

export function isProblem(value: unknown): value is Problem {
  return (
    isRecord(value) &&
    typeof value.type === "string" &&
    typeof value.title === "string" &&
    "status" in value
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return isRecord(value) && typeof value.message === "string" && typeof value.path === "string";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
