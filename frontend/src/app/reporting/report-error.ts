/** Tells the gateway of errors of the page: each once, the same again as a number, of very many only some. */
import { api } from "@/api/api";
import type { ClientError } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { doneCommands } from "@/shared/commands/command-store";
import type { AppStore } from "../store";
import { describeError, type ErrorKind } from "./describe-error";

const AGAIN_MS = 60_000;
/** So many different ones are told one by one; of the rest one in ten, for all of them. */
const MOST = 10;
const SHARE = 10;
const MOST_COMMANDS = 20;

interface Seen {
  report: Omit<ClientError, "count">;
  /** How often since it was last told. */
  more: number;
}

const seen = new Map<string, Seen>();
let isCounting = false;

export function reportError(store: AppStore, kind: ErrorKind, error: unknown): void {
  const described = describeError(kind, error);
  if (!described) return;
  const name = `${described.message} ${described.stack?.split("\n")[0] ?? ""}`;
  const known = seen.get(name);
  if (known) {
    known.more += 1;
    if (!isCounting) setInterval(() => tellMore(store), AGAIN_MS);
    isCounting = true;
    return;
  }
  const isMany = seen.size >= MOST;
  if (isMany && Math.random() * SHARE >= 1) return;
  const report = { ...described, commands: doneCommands.slice(-MOST_COMMANDS) };
  seen.set(name, { report, more: 0 });
  void tell(store, { ...report, count: isMany ? SHARE : 1 });
}

function tellMore(store: AppStore): void {
  for (const one of seen.values()) {
    if (one.more === 0) continue;
    void tell(store, { ...one.report, count: Math.min(one.more, 10_000) });
    one.more = 0;
  }
}

/** The gateway takes reports of people it knows; before somebody has come in there is nobody to tell. */
async function tell(store: AppStore, clientError: ClientError): Promise<void> {
  await signedIn(store);
  // A report that fails is not reported.
  await store.dispatch(api.endpoints.reportClientError.initiate({ clientError }, { track: false }));
}

function signedIn(store: AppStore): Promise<void> {
  const isIn = () => selectSession(store.getState()).status === "signed_in";
  if (isIn()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = store.subscribe(() => {
      if (!isIn()) return;
      stop();
      resolve();
    });
  });
}
