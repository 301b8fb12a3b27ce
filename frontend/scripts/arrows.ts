/** Which folder may import which, computed from what is there: features never import each other, no barrel files. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const MOST_COMPONENT_LINES = 150;
const MOST_LINES = 300;

/** Rooms and the rooms they may import; types of the generated client are shapes, not a dependency. */
const ARROWS: Record<string, readonly string[]> = {
  shared: [],
  domain: ["shared"],
  workers: ["domain", "shared"],
  api: ["shared"],
  realtime: ["api", "domain", "shared"],
  canvas: ["domain", "workers", "shared"],
  features: ["api", "domain", "realtime", "canvas", "workers", "shared"],
  app: ["api", "domain", "realtime", "canvas", "workers", "shared", "features"],
  testing: ["api", "domain", "realtime", "canvas", "workers", "shared", "features", "app"],
};
const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g;

interface Found {
  where: string;
  message: string;
}

function roomOf(path: string): { room: string; feature: string | undefined } {
  const [room = "", second] = path.split("/");
  return { room, feature: room === "features" ? second : undefined };
}

function check(path: string): Found[] {
  const text = readFileSync(join(SRC, path), "utf8");
  const found = [...sizes(path, text)];
  if (/(?:^|\/)index\.tsx?$/.test(path))
    found.push({ where: path, message: "no barrel files: import the file itself" });
  for (const [, , typeOnly, plain, lazy] of text.matchAll(IMPORT)) {
    const target = resolve(path, plain ?? lazy ?? "");
    const message = target
      ? refusal(path, target, typeOnly !== undefined)
      : outside(path, plain ?? lazy ?? "");
    if (message) found.push({ where: path, message });
  }
  return found;
}

function* sizes(path: string, text: string): Generator<Found> {
  const lines = text.split("\n").length - 1;
  const most =
    path.endsWith(".tsx") && !path.includes(".test.") ? MOST_COMPONENT_LINES : MOST_LINES;
  if (lines > most && path !== "api/generated.ts") {
    yield {
      where: path,
      message: `${lines} lines, at most ${most}: give its parts files of their own`,
    };
  }
}

/** Return the file below `src` that an import means. */
function resolve(from: string, wanted: string): string | undefined {
  if (wanted.startsWith("@/")) return wanted.slice(2);
  return wanted.startsWith(".") ? relative(SRC, join(SRC, dirname(from), wanted)) : undefined;
}

function refusal(from: string, to: string, isTypeOnly: boolean): string | undefined {
  if (/\.test\.tsx?$/.test(from) || roomOf(to).room === roomOf(from).room) {
    const [own, other] = [roomOf(from).feature, roomOf(to).feature];
    return own && other && own !== other && !/\.test\./.test(from)
      ? `a feature never imports another: ${to}; join them in app/routes`
      : undefined;
  }
  if (to === "api/generated" && isTypeOnly) return undefined;
  const { room } = roomOf(from);
  return ARROWS[room]?.includes(roomOf(to).room) ? undefined : `${room} may not import ${to}`;
}

/** React Flow changes its store with its next major version: one folder knows it. */
function outside(from: string, wanted: string): string | undefined {
  return wanted.startsWith("@xyflow/") && roomOf(from).room !== "canvas"
    ? "only canvas/ imports React Flow"
    : undefined;
}

const files = globSync("**/*.{ts,tsx}", { cwd: SRC });
const rooms = new Set(files.filter((file) => file.includes("/")).map((file) => roomOf(file).room));
const unknown = [...rooms]
  .filter((room) => !(room in ARROWS))
  .map((where) => ({ where, message: "this room has no arrows: see README.md" }));
const findings = [...unknown, ...files.flatMap(check)];
for (const { where, message } of findings) console.error(`src/${where}: ${message}`);
if (findings.length === 0) console.log(`arrows: ${files.length} files in order`);
process.exit(findings.length === 0 ? 0 : 1);
