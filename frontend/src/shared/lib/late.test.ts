// @vitest-environment jsdom
/** Files of the page that cannot be had: waited for while nobody answers, missing when a server says so. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { arriving } from "./late";

const asked = vi.fn<typeof fetch>();
beforeEach(() => {
  vi.stubGlobal("fetch", asked);
  document.head.replaceChildren();
});
afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockReset();
});

const LOST = new TypeError("Failed to fetch dynamically imported module");

it("waits for a part until the network is back, and for its style", async () => {
  document.head.innerHTML = '<link rel="stylesheet" href="/assets/part.css">';
  const before = document.head.firstElementChild;
  asked.mockRejectedValue(new TypeError("Failed to fetch"));
  const load = vi.fn().mockRejectedValueOnce(LOST).mockResolvedValueOnce("the part");
  const part = arriving(load);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
  expect(load).toHaveBeenCalledOnce();
  await vi.waitFor(() => {
    dispatchEvent(new Event("online"));
    expect(load).toHaveBeenCalledTimes(2);
  });
  expect(await part).toBe("the part");
  const after = document.head.firstElementChild;
  expect(after?.getAttribute("href")).toBe("/assets/part.css");
  expect(after).not.toBe(before);
});

it("asks again by itself while a server is down behind its proxy", async () => {
  vi.useFakeTimers();
  try {
    asked.mockResolvedValue(new Response(null, { status: 503 }));
    const load = vi
      .fn()
      .mockRejectedValueOnce(LOST)
      .mockRejectedValueOnce(LOST)
      .mockResolvedValue("it");
    const part = arriving(load);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await part).toBe("it");
    expect(load).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});

it("says at once that a file is missing when a server answers", async () => {
  asked.mockResolvedValue(new Response(null, { status: 200 }));
  const load = vi.fn().mockRejectedValue(LOST);
  await expect(arriving(load)).rejects.toBe(LOST);
  expect(load).toHaveBeenCalledOnce();
});
