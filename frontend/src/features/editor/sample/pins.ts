/** Outputs that are given instead of running a step: only in runs of the draft, never in those of a version. */
import type { Layout } from "@/domain/layout/layout";

const OUTERMOST = "steps.";

/** Return the path by which a run knows an outermost step; those inside of others have none of their own. */
export function runPathOf(path: string): string | undefined {
  const id = path.startsWith(OUTERMOST) ? path.slice(OUTERMOST.length) : "";
  return id && !id.includes(".") ? id : undefined;
}

/** Return the pins as a run takes them. */
export function pinsForRun(pins: Layout["pins"]): Layout["pins"] {
  return Object.fromEntries(
    Object.entries(pins).flatMap(([path, value]) => {
      const known = runPathOf(path);
      return known ? [[known, value] as const] : [];
    }),
  );
}
