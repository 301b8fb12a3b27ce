/**
 * What pages weigh, counted from the build's own manifest: all files that a page needs before it can be drawn, by
 * static imports from its entry. Parts that are loaded later have limits of their own.
 */
import { readFileSync } from "node:fs";

const DIST = "dist";
const manifest = JSON.parse(readFileSync(`${DIST}/.vite/manifest.json`, "utf8"));
const ENTRY = "index.html";

/** Return the keys of a module's file and of all that it imports statically. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}; name what it is called now in .size-limit.mjs.`);
  seen.add(key);
  for (const other of chunk.imports ?? []) closure(other, seen);
  return seen;
}

const first = closure(ENTRY);
const route = (name) => closure(`src/app/routes/${name}.tsx`);
const filesOf = (keys) => [...keys].map((key) => `${DIST}/${manifest[key].file}`);
const beyond = (keys, known = first) => [...keys].filter((key) => !known.has(key));
const both = (...sets) => new Set(sets.flatMap((one) => [...one]));

const gate = (name, limit, files) => ({ name, limit, path: [...new Set(files)], gzip: true });
const extra = (name, limit) => gate(`${name}, beyond what every page has`, limit, filesOf(beyond(route(name))));

const home = both(first, route("home"));
const canvas = closure("src/canvas/canvas-view.tsx");
const code = closure("src/features/editor/code/code-view.tsx");
const charts = closure("src/features/dashboard/charts.tsx");
const styles = [...home].flatMap((key) => manifest[key].css ?? []).map((file) => `${DIST}/${file}`);

export default [
  gate("first page after sign-in", "200 kB", filesOf(home)),
  gate("styles of the first page", "26 kB", styles),
  extra("editor", "130 kB"),
  gate("builder with its canvas and all that every page has", "350 kB", filesOf(both(first, route("editor"), canvas))),
  gate("canvas, when it is drawn", "70 kB", filesOf(beyond(canvas, both(first, route("editor"))))),
  gate("editor of code, when it is opened", "180 kB", filesOf(beyond(code, both(first, route("editor"))))),
  extra("run", "60 kB"),
  extra("chat", "75 kB"),
  extra("home", "30 kB"),
  gate("charts, when they are seen", "120 kB", filesOf(beyond(charts, home))),
];
