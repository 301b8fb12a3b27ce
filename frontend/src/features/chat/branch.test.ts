import { expect, it } from "vitest";
import type { Message } from "@/api/generated";
import { wayThrough } from "./branch";

function said(id: string, parent: string | null): Message {
  return {
    id,
    parent_id: parent,
    role: "user",
    text: id,
    status: "done",
    run_id: null,
    attachments: [],
    citations: [],
    error: null,
    model: null,
    created_at: "2026-01-01T00:00:00Z",
    ended_at: null,
  };
}

const TREE = [said("1", null), said("2", "1"), said("3", "1"), said("4", "2"), said("5", null)];
const ids = (chosen: string | null) => wayThrough(TREE, chosen).map(({ message }) => message.id);

it("follows the branch that was used last", () => {
  expect(ids(null)).toEqual(["5"]);
});

it("goes through the message that was chosen, and on to the newest below it", () => {
  expect(ids("1")).toEqual(["1", "2", "4"]);
  expect(ids("3")).toEqual(["1", "3"]);
});

it("names what stands in the same place", () => {
  expect(wayThrough(TREE, "2")[1]?.siblings).toEqual(["2", "3"]);
});

it("is empty where nothing was said", () => {
  expect(wayThrough([], "x")).toEqual([]);
});
