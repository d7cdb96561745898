// Runs the tests of directories: `node scripts/test.mjs unit|e2e [NAME…]`. Each file is bundled
// first, since Node 20 does not read TypeScript; what a test imports from the page or the client
// is bundled with it.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const DIRECTORIES = { unit: ["test", "client/test"], e2e: ["e2e"] };
const [kind, ...names] = process.argv.slice(2);
const outdir = `${root}node_modules/.tests/${kind}`;

const files = DIRECTORIES[kind]
  .flatMap((directory) => readdirSync(`${root}${directory}`).map((file) => `${directory}/${file}`))
  .filter((file) => file.endsWith(".test.ts"))
  .filter((file) => names.length === 0 || names.some((name) => file.includes(name)));
if (files.length === 0) {
  console.error(`no ${kind} test matches`);
  process.exit(1);
}
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: files,
  outbase: ".",
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
