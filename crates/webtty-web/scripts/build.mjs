// Builds the page into dist/: `index.html` and, under names that change with their content,
// everything it refers to. Beside them `assets/webtty-client.js`, the client for pages of others,
// whose name they can rely on. What becomes smaller by it is there compressed too, by the same name
// below `br/` and `gzip/`.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

import { buildClient, bundledClient, licences } from "./build_client.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}dist`;

/** What is to be in dist, by path. */
const files = new Map();

/** Puts a file among the assets and gives the path of its URL. */
function addAsset(name, content) {
  const [, stem, extension] = /^(.*)\.([^.]+)$/.exec(name);
  // The form esbuild gives its own names, which the Rust half knows as cacheable for ever.
  const hash = [...createHash("sha256").update(content).digest().subarray(0, 8)]
    .map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31])
    .join("");
  const path = `/assets/${stem}-${hash}.${extension}`;
  files.set(path.slice(1), Buffer.from(content));
  return path;
}

/** Files smaller than this fit into a packet or two as they are. */
const LEAST_COMPRESSED = 2048;

/** Puts the compressed forms of the assets beside them. */
function compress() {
  for (const [path, content] of [...files]) {
    const name = /^assets\/(.*)$/.exec(path)?.[1];
    if (name === undefined || content.length < LEAST_COMPRESSED) continue;
    const { BROTLI_PARAM_SIZE_HINT, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT } = constants;
    const params = { [BROTLI_PARAM_SIZE_HINT]: content.length, [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT };
    files.set(`br/${name}`, brotliCompressSync(content, { params }));
    files.set(`gzip/${name}`, gzipSync(content, { level: 9 }));
  }
}

/**
 * Makes dist hold these files and no others. What is the same stays as it is: the program that
 * embeds it is built anew, which takes minutes, when a file was written.
 */
function place() {
  mkdirSync(dist, { recursive: true });
  const there = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, `${entry.parentPath}/${entry.name}`));
  for (const path of there) {
    if (!files.has(path)) rmSync(`${dist}/${path}`);
  }
  for (const [path, content] of files) {
    if (there.includes(path) && readFileSync(`${dist}/${path}`).equals(content)) continue;
    mkdirSync(dirname(`${dist}/${path}`), { recursive: true });
    writeFileSync(`${dist}/${path}`, content);
  }
}

function fill(template, values) {
  return template.replaceAll(/%([A-Z]+)%/g, (whole, name) => {
    if (!(name in values)) throw new Error(`nothing is known for ${whole}`);
    return values[name];
  });
}

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  entryNames: "assets/[name]-[hash]",
  chunkNames: "assets/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome120", "firefox115", "safari17"],
  minify: true,
  // The licences of what is bundled ask to be carried along.
  legalComments: "eof",
  footer: { js: licences },
  metafile: true,
  write: false,
  logLevel: "warning",
});

for (const file of outputFiles) files.set(relative(dist, file.path), Buffer.from(file.contents));

const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === "src/main.ts");
const urlOf = (output) => `/assets/${basename(output)}`;
const icon = addAsset("favicon.svg", readFileSync(`${root}src/favicon.svg`));
const manifest = addAsset(
  "manifest.webmanifest",
  // Relative to itself, which lies among the assets: the page may live below another path.
  fill(readFileSync(`${root}src/manifest.webmanifest`, "utf8"), { ICON: basename(icon) }),
);
const page = fill(readFileSync(`${root}src/index.html`, "utf8"), {
  SCRIPT: urlOf(entry[0]),
  STYLE: urlOf(entry[1].cssBundle),
  ICON: icon,
  MANIFEST: manifest,
});
files.set("index.html", Buffer.from(page));

await buildClient();
const client = await bundledClient();
files.set("assets/webtty-client.js", Buffer.from(client));
compress();
place();

const sum = (of) => [...files].reduce((bytes, [path, content]) => bytes + (path.startsWith(of) ? content.length : 0), 0);
const kib = (bytes) => `${Math.round(bytes / 1024)} KiB`;
console.log(`dist: ${files.size} files, ${kib(sum("assets/"))}, compressed ${kib(sum("br/"))} or ${kib(sum("gzip/"))}`);
console.log(`client: ${kib(client.length)}`);
