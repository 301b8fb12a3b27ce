// @vitest-environment jsdom
/** Files of a run: listed as they come, shown as text or image and never as a page, downloaded whole. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunFile } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderPart } from "@/testing/render";
import { addressOf } from "./open-file";
import RunFiles from "./run-files";

const HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>";
const FILE: RunFile = {
  path: "out/größe 1.md",
  version: 2,
  size: HOSTILE.length,
  sha256: "0".repeat(64),
  media_type: "text/markdown",
  step: "write",
  at: "2026-01-01T00:00:00Z",
};
let files: RunFile[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  files = [FILE];
  server = new FakeGateway().listen();
  server.use(
    http.get("*/v1/runs/r1/files", () => HttpResponse.json({ items: files, next_cursor: null })),
    http.get("*/v1/runs/r1/files/*", () => HttpResponse.text(HOSTILE)),
  );
  vi.stubGlobal(
    "URL",
    Object.assign(URL, { createObjectURL: () => "blob:1", revokeObjectURL: () => {} }),
  );
});
afterEach(() => server.close());

it("writes the address of a file so that only slashes lead on", () => {
  expect(addressOf("r1", { path: "a b/c?#%.md", version: 3 })).toBe(
    "/v1/runs/r1/files/a%20b/c%3F%23%25.md?version=3",
  );
});

it("shows a text as it is and lists what is written meanwhile", async () => {
  const { again } = await renderPart(<RunFiles runId="r1" written={0} />);
  const row = (await screen.findByText("out/größe 1.md")).closest("li") as HTMLElement;
  expect(within(row).getByText(/version 2, 53 bytes, by write/)).toBeVisible();
  await userEvent.click(within(row).getByRole("button", { name: "Show out/größe 1.md" }));
  expect(await within(row).findByText(HOSTILE)).toBeVisible();
  expect(row.querySelector("script, img")).toBeNull();
  files = [FILE, { ...FILE, path: "z.bin", media_type: "application/octet-stream" }];
  again(<RunFiles runId="r1" written={1} />);
  const other = (await screen.findByText("z.bin")).closest("li") as HTMLElement;
  expect(within(other).queryByRole("button", { name: /Show/ })).toBeNull();
  expect(within(other).getByRole("button", { name: "Download z.bin" })).toBeEnabled();
});

it("shows a chart as an image", async () => {
  files = [{ ...FILE, path: "chart.svg", media_type: "image/svg+xml" }];
  await renderPart(<RunFiles runId="r1" written={0} />);
  await userEvent.click(await screen.findByRole("button", { name: "Show chart.svg" }));
  expect(await screen.findByRole("img", { name: "chart.svg" })).toHaveAttribute("src", "blob:1");
});

it("says that there is none, or what went wrong", async () => {
  files = [];
  await renderPart(<RunFiles runId="r1" written={0} />);
  expect(await screen.findByText("No step has written a file.")).toBeVisible();
  server.use(http.get("*/v1/runs/r1/files", () => problem(403, "Not allowed")));
  await renderPart(<RunFiles runId="r1" written={0} />);
  expect(await screen.findByText("Not allowed")).toBeVisible();
});
