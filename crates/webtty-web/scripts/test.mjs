// Runs the tests of a directory: `node scripts/test.mjs test|e2e [NAME…]`. Each file is bundled
// first, since Node 20 does not read TypeScript; what a test imports from the page is bundled
// with it.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [directory, ...names] = process.argv.slice(2);
const outdir = `${root}node_modules/.tests/${directory}`;

const files = readdirSync(`${root}${directory}`)
  .filter((file) => file.endsWith(".test.ts"))
  .filter((file) => names.length === 0 || names.some((name) => file.includes(name)));
if (files.length === 0) {
  console.error(`no test in ${directory}/ matches`);
  process.exit(1);
}
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: files.map((file) => `${directory}/${file}`),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const built = files.map((file) => `${outdir}/${file.replace(/\.ts$/, ".mjs")}`);
// One file at a time: each browser test has a daemon and a browser of its own.
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-concurrency=1", "--test-reporter=spec", ...built],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
