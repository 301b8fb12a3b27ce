/** The address of a usage report: what cannot be read is as it is at first. */
import { expect, it } from "vitest";
import { usageQueryOf } from "./use-usage-query";

const read = (search: string) => usageQueryOf(new URLSearchParams(search));

it("groups by workflow and model unless the address says otherwise", () => {
  expect(read("")).toEqual({ groups: ["workflow", "model"], since: null, until: null });
  expect(read("by=user&by=day&by=nobody").groups).toEqual(["day", "user"]);
  expect(read("by=nobody").groups).toEqual(["workflow", "model"]);
});

it("takes days and nothing else", () => {
  expect(read("since=2026-03-01&until=tomorrow")).toMatchObject({
    since: "2026-03-01",
    until: null,
  });
});
