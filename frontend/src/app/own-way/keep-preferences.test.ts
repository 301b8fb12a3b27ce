// @vitest-environment jsdom
/** What a person likes goes with their account, and nothing of it is lost or given to somebody else. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { leftByChoice, signedIn } from "@/api/session-slice";
import { PREFS_KEY, prefsChanged, readPrefs } from "@/shared/prefs/prefs-slice";
import { FakeGateway, ME } from "@/testing/fake-gateway";
import { makeStore } from "../store";
import { keepPreferences } from "./keep-preferences";
import { readNote } from "./unsaved-note";

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
let stop: () => void;
beforeEach(() => {
  localStorage.clear();
  gateway = new FakeGateway();
  server = gateway.listen();
});
afterEach(() => {
  stop();
  server.close();
});

const BOB = { ...ME, user: { id: "0190-bob", email: "bob@example.org" } };

function open() {
  const store = makeStore();
  stop = keepPreferences(store);
  return store;
}
const prefs = (store: ReturnType<typeof makeStore>) => store.getState().prefs;

it("shows a person on another machine what they have chosen on the first", async () => {
  gateway.wishes.kept = { ...gateway.wishes.kept, theme: "dark", accent: "teal", etag: '"p4"' };
  const store = open();
  store.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(prefs(store)).toMatchObject({ scheme: "dark", accent: "teal" }));
  expect(readPrefs()).toMatchObject({ scheme: "dark", accent: "teal" });
  expect(gateway.wishes.saves).toEqual([]);
});

it("sends only what was changed, and the last of several tries", async () => {
  const store = open();
  store.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(readNote().owner).toBe(ME.user.id));
  for (const accent of ["teal", "rose", "amber"]) store.dispatch(prefsChanged({ accent }));
  store.dispatch(prefsChanged({ density: "compact", is_navigation_small: true }));
  await vi.waitFor(() =>
    expect(gateway.wishes.saves).toEqual([{ accent: "amber", density: "compact" }]),
  );
  await vi.waitFor(() => expect(readNote().unsaved).toEqual([]));
});

it("keeps with the account what was chosen before there was one", async () => {
  localStorage.setItem(PREFS_KEY, JSON.stringify({ scheme: "dark", language: "de" }));
  const store = open();
  store.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(gateway.wishes.saves).toEqual([{ theme: "dark", language: "de" }]));
  expect(prefs(store)).toMatchObject({ scheme: "dark", language: "de" });
});

it("does not give one person's wishes to the next", async () => {
  const store = open();
  store.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(readNote().owner).toBe(ME.user.id));
  store.dispatch(prefsChanged({ scheme: "dark", shortcuts: { run: "Mod+J" } }));
  await vi.waitFor(() => expect(gateway.wishes.saves).toHaveLength(1));
  store.dispatch(leftByChoice());
  gateway.wishes.kept = { ...gateway.wishes.kept, theme: "system", shortcuts: {}, etag: '"p0"' };
  store.dispatch(signedIn(BOB));
  await vi.waitFor(() => expect(prefs(store)).toMatchObject({ scheme: "system", shortcuts: {} }));
  expect(gateway.wishes.saves).toHaveLength(1);
});

it("saves after a reload what the gateway could not take before", async () => {
  const first = open();
  first.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(readNote().owner).toBe(ME.user.id));
  gateway.wishes.isDown = true;
  first.dispatch(prefsChanged({ motion: "reduced" }));
  expect(readNote().unsaved).toEqual(["motion"]);
  stop();
  gateway.wishes.isDown = false;
  gateway.wishes.kept = { ...gateway.wishes.kept, theme: "light", etag: '"p9"' };
  const second = open();
  second.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(gateway.wishes.saves).toEqual([{ motion: "reduced" }]));
  expect(prefs(second)).toMatchObject({ motion: "reduced", scheme: "light" });
});
