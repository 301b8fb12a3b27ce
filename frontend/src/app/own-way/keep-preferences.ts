/** Keeps a person's wishes with their account: read when they come in, saved when they change. */
import { api } from "@/api/api";
import { selectSession } from "@/api/session-slice";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import type { AppStore } from "../store";
import { changedWishes, fromGateway, toGateway, type Wish, type Wishes } from "./preferences";
import { readNote, writeNote } from "./unsaved-note";

const { getPreferences, savePreferences } = api.endpoints;
/** Whoever tries out colours sends the last of them. */
const PAUSE_MS = 400;
const AGAIN_MS = 30_000;
/** The tag of one who has never saved any. */
const NOTHING_YET = '"p0"';

export function keepPreferences(store: AppStore): () => void {
  const keeper = new Keeper(store);
  const stop = store.subscribe(() => keeper.look());
  const again = () => keeper.send();
  addEventListener("online", again);
  keeper.look();
  return () => {
    stop();
    removeEventListener("online", again);
    keeper.stop();
  };
}

class Keeper {
  private readonly store: AppStore;
  private owner = "";
  private known: Wishes;
  private isRead = false;
  private isBusy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: AppStore) {
    this.store = store;
    this.known = this.wishes();
  }

  /** See whether somebody came in, or wishes something else. */
  look(): void {
    const { status, me } = selectSession(this.store.getState());
    const person = status === "signed_in" ? (me?.user.id ?? "") : "";
    if (person !== this.owner) this.greet(person);
    const now = this.wishes();
    const changed = changedWishes(this.known, now);
    this.known = now;
    if (changed.length === 0 || !this.owner) return;
    const { owner, unsaved } = readNote();
    writeNote({
      owner: this.owner,
      unsaved: [...new Set([...(owner === this.owner ? unsaved : []), ...changed])],
    });
    this.sendIn(PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Send what is not saved; what cannot be sent is tried again. */
  async send(): Promise<void> {
    this.stop();
    const { owner } = this;
    if (!owner || this.isBusy) return;
    this.isBusy = true;
    const isDone = this.isRead ? await this.save(owner) : await this.read(owner);
    this.isBusy = false;
    if (owner !== this.owner) void this.send();
    else if (!isDone) this.sendIn(AGAIN_MS);
    else if (readNote().unsaved.length > 0) this.sendIn(PAUSE_MS);
  }

  private greet(person: string): void {
    this.owner = person;
    this.isRead = false;
    this.stop();
    if (person) void this.send();
  }

  /** What the account has counts, but for what this person has changed here since. */
  private async read(owner: string): Promise<boolean> {
    const answer = await this.store.dispatch(
      getPreferences.initiate(undefined, { forceRefetch: true, subscribe: false }),
    );
    if (!answer.data) return false;
    if (owner !== this.owner) return true;
    const note = readNote();
    const kept = fromGateway(answer.data);
    // What was chosen before there was an account to keep it with is this person's, unless they have chosen already.
    const isFirst = note.owner === "" && answer.data.etag === NOTHING_YET;
    const own = note.owner === owner ? note.unsaved : [];
    const unsaved = isFirst ? changedWishes(kept, this.wishes()) : own;
    const wanted = { ...kept, ...some(this.wishes(), unsaved) };
    writeNote({ owner, unsaved });
    this.isRead = true;
    this.known = wanted;
    if (changedWishes(this.wishes(), wanted).length > 0) this.store.dispatch(prefsChanged(wanted));
    return true;
  }

  private async save(owner: string): Promise<boolean> {
    const { unsaved } = readNote();
    if (unsaved.length === 0) return true;
    const sent = this.wishes();
    const answer = await this.store.dispatch(
      savePreferences.initiate({ savePreferences: toGateway(sent, unsaved) }, { track: false }),
    );
    if (answer.error) return isRefused(answer.error) && this.giveUp(owner);
    const later = changedWishes(sent, this.wishes());
    const note = readNote();
    if (note.owner === owner)
      writeNote({
        owner,
        unsaved: note.unsaved.filter((name) => !unsaved.includes(name) || later.includes(name)),
      });
    return true;
  }

  /** What the gateway will never take is not sent for ever. */
  private giveUp(owner: string): true {
    writeNote({ owner, unsaved: [] });
    return true;
  }

  private wishes(): Wishes {
    return selectPrefs(this.store.getState());
  }

  private sendIn(ms: number): void {
    this.stop();
    this.timer = setTimeout(() => void this.send(), ms);
  }
}

function some(wishes: Wishes, names: readonly Wish[]): Partial<Wishes> {
  return Object.fromEntries(names.map((name) => [name, wishes[name]]));
}

function isRefused(error: unknown): boolean {
  return typeof error === "object" && error !== null && "status" in error && error.status === 422;
}
