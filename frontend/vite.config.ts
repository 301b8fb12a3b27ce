import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const gateway = process.env.FLOWLOOM_URL ?? "http://127.0.0.1:8080";

/** Vendors that change seldom get files of their own, so that a new release leaves them in the cache. */
const groups = [
  { name: "react", test: /node_modules\/(react|react-dom|scheduler|react-router)\//, priority: 30 },
  {
    name: "state",
    test: /node_modules\/(@reduxjs|react-redux|immer|reselect|redux)\//,
    priority: 30,
  },
  // What every page draws first: in one file it is smaller than in sixty.
  {
    name: "first",
    test: /node_modules\/(i18next|react-i18next|clsx)\/|@mantine\/core\/esm\/(core\/|components\/(Button|ActionIcon|UnstyledButton|Loader|Skeleton|Transition|VisuallyHidden|SegmentedControl|FloatingIndicator)\/)|@tabler\/icons-react\/dist\/esm\/(createReactComponent|defaultAttributes)|src\/(api\/(?!fetch-file)|shared\/(hooks\/(?!use-merging)|prefs\/|commands\/)|app\/shell\/(?!account-choices))|src\/shared\/lib\/(problem|format)|src\/shared\/ui\/theme\/(?!accents)|src\/shared\/ui\/(empty-state|error-state|loading-page|page|hints?|announcer|status-badge|keys|states)\./,
    priority: 20,
  },
  // How a document is read: all of it wherever there is a canvas; a group takes along what its modules import.
  {
    name: "words",
    test: /src\/domain\/(expressions\/values|document\/words|expressions\/(errors|limits|meter))\./,
    priority: 26,
  },
  {
    name: "reading",
    test: /node_modules\/yaml\/|src\/domain\/(expressions\/(?!completions|preview)|document\/(workflow|edges|source-tree|template-sites)\.|layout\/layout\.)/,
    priority: 25,
  },
  // The builder's own, asked for by its late parts too: apart from each other they are larger.
  {
    name: "builder",
    test: /src\/(features\/editor\/(use-problems|editor-slice|new-steps|beside-steps|regions|use-catalogue|palette\/search|sample\/pins|save\/(use-opening|journal))|domain\/document\/(operations|rename|clipboard|positions|history|free-name)|domain\/validation\/(?!quick-fix))/,
    priority: 20,
  },
  {
    name: "writing",
    test: /src\/domain\/document\/(text-edits|yaml-edits|yaml-writer|connections)\./,
    priority: 24,
  },
  // The page of a run and the list of runs ask for all of them, or for none.
  {
    name: "run-commands",
    test: /features\/runs\/control\/(command-button|commands|use-run-command)\./,
    priority: 20,
  },
];

/** Parts of React Flow that nobody asks for stay out: it gives each a name, which would keep all of them. */
const usedPartsOfReactFlow: Plugin = {
  name: "used-parts-of-react-flow",
  apply: "build",
  transform: {
    filter: { id: /@xyflow\/react\/dist\/esm\/index/ },
    handler: (code) => ({
      code: code
        .replace(/^\w+\.displayName = .*$/gm, "")
        .replace(/= (memo|forwardRef|fixedForwardRef)\(/g, "= /*#__PURE__*/ $1("),
      map: null,
    }),
  },
};

export default defineConfig({
  plugins: [react(), usedPartsOfReactFlow],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  cacheDir: ".vite_cache/vite",
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2023",
    sourcemap: false,
    manifest: true,
    assetsInlineLimit: 0,
    // Every browser of the target knows `modulepreload`; one that does not fetches the same files a little later.
    modulePreload: {
      polyfill: false,
      // A file of one icon is asked for by the file that draws it; the names of all of them would be in the first page.
      resolveDependencies: (file, files) =>
        /\/home-/.test(file) ? files : files.filter((one) => !/\/Icon[A-Z]/.test(one)),
    },
    // Every page's file is named in the first one: digits of 16 are smaller there than those of 64.
    rolldownOptions: { output: { codeSplitting: { groups }, hashCharacters: "hex" } },
  },
  worker: { format: "es" },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/v1": { target: gateway, ws: true },
      "/socket.io": { target: gateway, ws: true },
    },
  },
});
