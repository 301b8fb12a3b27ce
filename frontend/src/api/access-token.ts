/** The access token, in memory only; whoever needs it asks here, and a refresh is made once for all tabs. */
import { isRecord } from "@/shared/lib/problem";

export interface IssuedToken {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  /** Whose it is. */
  user: { id: string };
}
/**
 * `gone`: nobody is signed in any more; `other`: somebody else is, or the same person in another workspace, as by another
 * tab, which shares the cookie.
 */
export type Ending = "gone" | "other";
export type Refreshed = "renewed" | "signed_out" | "unreachable";

const LOCK = "flowloom-refresh";
/** A token that ends so soon is renewed before it is used. */
const EARLY_MS = 30_000;

let token = "";
let endsAt = 0;
let owner = "";
let renewing: Promise<Refreshed> | undefined;
const listeners = new Set<(token: string) => void>();
const endings = new Set<(ending: Ending) => void>();

/** Keep a token that the server issued; with one of another person or workspace, what was there before ends first. */
export function keepToken(issued: IssuedToken): void {
  const next = `${issued.user.id} ${claimOf(issued.access_token, "ws")}`;
  const isOther = owner !== "" && owner !== next;
  owner = next;
  if (isOther) end("other");
  token = issued.access_token;
  endsAt = Date.now() + issued.expires_in * 1_000;
  for (const listener of listeners) listener(token);
}

/** The last half of the id of the session; empty while nobody is signed in. */
export function sessionEnd(): string {
  const session = claimOf(token, "sid").replaceAll("-", "").slice(-16);
  return /^[0-9a-f]{16}$/.test(session) ? session : "";
}

/** Return a claim of a token; it is read for comparing only, and decides nothing. */
function claimOf(jwt: string, name: string): string {
  try {
    const payload = jwt.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
    const claims: unknown = JSON.parse(atob(payload));
    const claim = isRecord(claims) ? claims[name] : undefined;
    return typeof claim === "string" ? claim : "";
  } catch {
    return "";
  }
}

/** Forget the token: nobody is signed in. */
export function forgetToken(): void {
  end("gone");
}

function end(ending: Ending): void {
  token = "";
  endsAt = 0;
  for (const listener of endings) listener(ending);
}

/** Call when what belongs to the session has to end; the answer takes the listener away. */
export function onSessionEnd(listener: (ending: Ending) => void): () => void {
  endings.add(listener);
  return () => endings.delete(listener);
}

/** Whether somebody is signed in, as far as this tab knows. */
export function hasToken(): boolean {
  return token !== "";
}

/** Return a token that is still good, renewed when it is about to end; empty when there is none. */
export async function currentToken(): Promise<string> {
  if (token && Date.now() > endsAt - EARLY_MS) await renewToken();
  return token;
}

/** Call when a token was issued or renewed; the answer takes the listener away. */
export function onToken(listener: (token: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ask for a new token by the refresh cookie; calls at the same time share one request. */
export function renewToken(): Promise<Refreshed> {
  renewing ??= locked(refresh).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

/** Two tabs that use the same cookie at once would look like a stolen one. */
async function locked(work: () => Promise<Refreshed>): Promise<Refreshed> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(LOCK, work);
}

async function refresh(): Promise<Refreshed> {
  let answer: Response;
  try {
    answer = await fetch(new URL("/v1/auth/refresh", location.origin), {
      method: "POST",
      headers: { "x-flowloom-csrf": "1", accept: "application/json" },
      credentials: "same-origin",
    });
  } catch {
    return "unreachable";
  }
  if (answer.status >= 500 || answer.status === 429) return "unreachable";
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok || !isIssued(body)) {
    forgetToken();
    return "signed_out";
  }
  keepToken(body);
  return "renewed";
}

function isIssued(body: unknown): body is IssuedToken {
  const fields = isRecord(body) ? body : {};
  const user = isRecord(fields.user) ? fields.user : {};
  return (
    typeof fields.access_token === "string" &&
    typeof fields.expires_in === "number" &&
    typeof user.id === "string"
  );
}
