// Builds the client into client/dist, as ES modules with declarations: `index.js` for browsers,
// `node.js` for Node.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const client = fileURLToPath(new URL("../client/", import.meta.url));
const compiler = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));

/** What must be carried along with the client, and is in no comment of its parts. */
export const licences = `/*! fflate: ${readFileSync(new URL("../node_modules/fflate/LICENSE", import.meta.url), "utf8").trim()} */`;

/** The browser's half in one file, small, to be served. */
export async function bundledClient() {
  const { outputFiles } = await build({ ...options("src/index.ts"), minify: true, write: false });
  return outputFiles[0].contents;
}

export async function buildClient() {
  rmSync(`${client}dist`, { recursive: true, force: true });
  await build({ ...options("src/index.ts"), outfile: "dist/index.js" });
  await build({ ...options("src/node.ts"), platform: "node", outfile: "dist/node.js" });
  const { status } = spawnSync(compiler, ["-p", client, "--noEmit", "false", "--declaration", "--emitDeclarationOnly"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the client's declarations could not be made");
}

function options(entry) {
  return {
    absWorkingDir: client,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: ["es2022", "node20"],
    footer: { js: licences },
    logLevel: "warning",
  };
}
