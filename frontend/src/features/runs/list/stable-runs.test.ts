/** A list that stays while runs begin, end and leave. */
import { expect, it } from "vitest";
import type { Run } from "@/api/generated";
import { stable } from "./stable-runs";

const run = (at: number, status = "running") =>
  ({ id: `run-${at}`, created_at: `2026-03-0${at}T00:00:00Z`, status }) as Run;
const after = (known: Run[], fresh: Run[], hasMore = false) => stable(known, fresh, hasMore);

it("shows what comes first, and then counts what is new", () => {
  expect(after([], [run(2), run(1)])).toEqual({ items: [run(2), run(1)], added: 0 });
  const known = [run(2), run(1)];
  expect(after(known, [run(4), run(3), run(2), run(1)])).toEqual({ items: known, added: 2 });
});

it("shows known runs as they are now", () => {
  const { items } = after([run(2), run(1)], [run(3), run(2, "failed"), run(1)]);
  expect(items.map(({ status }) => status)).toEqual(["failed", "running"]);
});

it("leaves out what the filter lets through no longer, and keeps what was pushed off the page", () => {
  expect(after([run(3), run(2), run(1)], [run(3), run(1)]).items).toEqual([run(3), run(1)]);
  expect(after([run(2), run(1)], [run(4), run(3), run(2)], true).items).toEqual([run(2), run(1)]);
  expect(after([run(2), run(1)], [run(4), run(3), run(2)]).items).toEqual([run(2)]);
  expect(after([run(2)], []).items).toEqual([]);
});
