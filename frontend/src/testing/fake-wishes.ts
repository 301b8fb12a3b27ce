/** The part of the fake gateway that keeps what a person likes. */
import { HttpResponse, http } from "msw";
import type { Preferences, SavePreferences } from "@/api/generated";
import { problem } from "./problem";

/** What the fake keeps; a test looks into it and changes it. */
export class FakeWishes {
  /** As of one who has never saved any. */
  kept: Preferences = {
    theme: "system",
    contrast: "system",
    accent: "indigo",
    density: "comfortable",
    motion: "system",
    language: "",
    time_zone: "",
    shortcuts: {},
    dashboard: [],
    views: [],
    seen: [],
    etag: '"p0"',
  };
  /** What was sent, in the order in which it came. */
  readonly saves: SavePreferences[] = [];
  isDown = false;

  handlers() {
    return [
      http.get("*/v1/preferences", () =>
        this.isDown ? problem(503, "Storage is not available") : HttpResponse.json(this.kept),
      ),
      http.patch("*/v1/preferences", async ({ request }) => {
        if (this.isDown) return problem(503, "Storage is not available");
        const change = (await request.json()) as SavePreferences;
        this.saves.push(change);
        const etag = `"p${this.saves.length}"`;
        this.kept = { ...this.kept, ...(change as Partial<Preferences>), etag };
        return HttpResponse.json(this.kept);
      }),
    ];
  }
}
