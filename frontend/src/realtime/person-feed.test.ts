/** A person's stream: the present state at each beginning, nothing older after something newer, and word when it is away. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { ScriptedLine } from "@/testing/scripted-line";
import { PersonFeed, type PersonState } from "./person-feed";

const state = (unread: number): PersonState => ({ unread, newest: [] });
const changed = (seq: number, unread: number, epoch = 1, stream = "user:ada") => ({
  stream,
  epoch,
  seq,
  type: "person.changed.v1" as const,
  data: state(unread),
});

let line: ScriptedLine;
let told: (number | "away")[];
let feed: PersonFeed;
beforeEach(() => {
  line = new ScriptedLine();
  line.answer = () => ({ ok: true, cursor: "1:4", snapshot: state(2), truncated: false });
  told = [];
  feed = new PersonFeed("ada", line, {
    onState: ({ unread }) => told.push(unread),
    onAway: () => told.push("away"),
  });
});
afterEach(() => feed.stop());

const settled = () => new Promise((done) => setTimeout(done));

it("begins with how things are, and goes on with what changes", async () => {
  feed.start();
  await settled();
  line.deliver(changed(5, 3), changed(6, 1));
  expect(told).toEqual([2, 3, 1]);
  expect(line.subscribed).toEqual([{ stream: "user:ada" }]);
});

it("leaves out what comes twice, too late, or is of another stream; a gap is no loss", async () => {
  feed.start();
  await settled();
  line.deliver(changed(9, 5), changed(8, 4), changed(9, 5), changed(3, 9));
  line.deliver(changed(10, 7, 1, "user:bob"));
  expect(told).toEqual([2, 5]);
});

it("takes a resync and a newer epoch as they are", async () => {
  feed.start();
  await settled();
  line.deliver({
    stream: "user:ada",
    type: "stream.resync.v1",
    data: { cursor: "2:1", snapshot: state(8) },
  });
  line.deliver(changed(99, 1), changed(2, 6, 2), changed(1, 4, 3));
  expect(told).toEqual([2, 8, 6, 4]);
});

it("says when the line is away, and asks anew when it is back", async () => {
  feed.start();
  await settled();
  line.lose();
  expect(told).toEqual([2, "away"]);
  line.answer = () => ({ ok: true, cursor: "1:1", snapshot: state(0), truncated: false });
  line.reconnect();
  await settled();
  expect(told).toEqual([2, "away", 0]);
});

it("is away when the server refuses or does not answer", async () => {
  line.answer = () => ({ ok: false, problem: { title: "Stream not found", status: 404 } });
  feed.start();
  await settled();
  line.answer = () => {
    throw new Error("timeout");
  };
  line.reconnect();
  await settled();
  expect(told).toEqual(["away", "away"]);
});

it("hears nothing any more once it has ended", async () => {
  feed.start();
  await settled();
  feed.stop();
  line.deliver(changed(5, 3));
  line.lose();
  line.reconnect();
  await settled();
  expect(told).toEqual([2]);
  expect(line.left).toEqual([{ stream: "user:ada" }]);
});
