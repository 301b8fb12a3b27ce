/** The line that filters runs: what it says, what it cannot say, and that links read as lines. */
import { expect, it } from "vitest";
import { lineOf, queryOf } from "./run-filters";
import { readQuery, withStatus, writeQuery } from "./run-query";

const NOW = Date.parse("2026-03-08T12:00:00Z");
const read = (line: string) => readQuery(line, NOW);

it("reads what people write", () => {
  expect(read('status:error workflow:"city brief" duration:>5s').filters).toEqual({
    statuses: ["failed"],
    text: "city brief",
    longer_than: 5,
  });
  expect(read("status:failed,CANCELLED,failed").filters.statuses).toEqual(["failed", "cancelled"]);
  expect(read("duration:<2m duration:>=500ms").filters).toMatchObject({
    shorter_than: 120,
    longer_than: 0.5,
  });
  expect(read("label:team=ops 0190-abc").filters).toMatchObject({
    label: "team=ops",
    text: "0190-abc",
  });
  expect(read("since:7d before:2h").filters).toMatchObject({
    from: "2026-03-01T12:00:00.000Z",
    before: "2026-03-08T10:00:00.000Z",
  });
  expect(read("since:2026-03-01").filters.from).toBe(new Date("2026-03-01T00:00").toISOString());
  expect(read("").filters).toEqual({ statuses: [] });
});

it.each([
  ["colour:red", "key"],
  ["status:done", "status"],
  ["status:", "status"],
  ["duration:5s", "duration"],
  ["duration:>soon", "duration"],
  ["since:yesterday", "time"],
  ["before:2026-99-99", "time"],
  ["label:ops", "label"],
  ["workflow:", "text"],
  ["workflow_id:", "text"],
])("says what is wrong with %s", (word, kind) => {
  expect(read(`status:failed ${word}`).faults).toEqual([{ kind, word }]);
  expect(read(`status:failed ${word}`).filters.statuses).toEqual(["failed"]);
});

it("takes one text only", () => {
  expect(read("workflow:brief other words").faults).toEqual([
    { kind: "text", word: "other words" },
  ]);
});

it.each([
  "status:failed,waiting",
  'workflow:"city brief" label:team=ops',
  "duration:>5s duration:<2h since:2026-03-01T10:30:00.000Z",
  "duration:>0s before:2026-03-01T10:30:00.000Z",
  "workflow_id:0190-workflow-1 duration:>1.5s duration:<3d",
])("writes %s as it reads it", (line) => {
  const { filters, faults } = read(line);
  expect(faults).toEqual([]);
  expect(readQuery(writeQuery(filters), NOW).filters).toEqual(filters);
});

it("changes the state and leaves the rest as it was typed", () => {
  expect(withStatus("since:7d  status:failed brief", "running")).toBe(
    "status:running since:7d brief",
  );
  expect(withStatus("status:failed since:7d", null)).toBe("since:7d");
  expect(withStatus("", null)).toBe("");
});

it("reads links of other pages as lines", () => {
  const line = lineOf(new URLSearchParams("status=failed&longer_than=12&workflow=0190-w&from=x"));
  expect(line).toBe("status:failed workflow_id:0190-w duration:>12s");
  expect(lineOf(new URLSearchParams("q=since%3A7d&status=failed"))).toBe("since:7d");
  expect(queryOf(read(line).filters)).toEqual({
    status: ["failed"],
    workflowId: "0190-w",
    longerThanS: 12,
  });
});
