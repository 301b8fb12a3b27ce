// @vitest-environment jsdom
/** Which keys a command may have, and that nobody is without warning robbed of theirs. */
import { describe, expect, it } from "vitest";
import { ASSIGNABLE, type Assignable } from "./assignable";
import { clashOf, keysOf, refusalOf, withKeys } from "./key-rules";

function command(id: string): Assignable {
  const found = ASSIGNABLE.find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}
const clash = (id: string, keys: string, own = {}) =>
  clashOf(command(id), keys, { all: ASSIGNABLE, own })?.id;

it("begins without two commands that hear the same keys", () => {
  expect(ASSIGNABLE.map(({ id }) => id)).toEqual([...new Set(ASSIGNABLE.map(({ id }) => id))]);
  const clashes = ASSIGNABLE.filter((one) => clash(one.id, one.standard));
  expect(clashes.map(({ id }) => id)).toEqual([]);
  expect(ASSIGNABLE.length).toBeGreaterThan(40);
});

describe("keys that others have", () => {
  it("are found where both are heard", () => {
    expect(clash("run", "Alt+O")).toBe("outline");
    expect(clash("pin", "M")).toBe("canvas_move");
    expect(clash("inbox_next", "?")).toBe("keys");
    expect(clash("palette", "J")).toBe("inbox_next");
  });

  it("are free where nobody is at both places", () => {
    expect(clash("inbox_next", "P")).toBeUndefined();
    expect(clash("pin", "A")).toBeUndefined();
  });

  it("are those of the moment", () => {
    expect(clash("run", "Alt+O", { outline: "Alt+L" })).toBeUndefined();
    expect(clash("run", "Alt+L", { outline: "Alt+L" })).toBe("outline");
  });
});

it("leaves keys to the browser, and letters to who types", () => {
  expect(refusalOf(command("pin"), "Mod+W")).toBe("reserved");
  expect(refusalOf(command("pin"), "Tab")).toBe("reserved");
  expect(refusalOf(command("run"), "G")).toBe("typed");
  expect(refusalOf(command("run"), "Shift+G")).toBe("typed");
  expect(refusalOf(command("run"), "Alt+G")).toBeUndefined();
  expect(refusalOf(command("pin"), "G")).toBeUndefined();
});

it("takes keys from who had them, and keeps only what differs from the beginning", () => {
  const taken = withKeys({}, command("run"), { keys: "Alt+O", clash: command("outline") });
  expect(taken).toEqual({ run: "Alt+O", outline: "" });
  expect(keysOf(command("outline"), taken)).toBe("");
  const back = withKeys(taken, command("run"), { keys: "Mod+Enter" });
  expect(back).toEqual({ outline: "" });
});
