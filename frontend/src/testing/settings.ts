/** What tests of the settings share: who is signed in, and pages that load on demand. */
import { HttpResponse, http } from "msw";
import type { setupServer } from "msw/node";
import { ME } from "./fake-gateway";

/** Pages and their words are imported when they are opened; the first time takes a while. */
export const PATIENT = { timeout: 10_000 };

/** Let the person who is signed in have these permissions. */
export function permit(server: ReturnType<typeof setupServer>, ...permissions: string[]): void {
  server.use(http.get("*/v1/me", () => HttpResponse.json({ ...ME, permissions })));
}

/** Answer a GET with the items of a list. */
export function listing(path: string, items: () => unknown[]) {
  return http.get(path, () => HttpResponse.json({ items: items(), next_cursor: null }));
}
