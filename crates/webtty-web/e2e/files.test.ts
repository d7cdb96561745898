// Pasting pictures and dropping files: they land beside the session, and their paths are typed.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

import { freshPage, said, Screen, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage({ limits: { fileBytes: 100_000 } });
const { daemon } = stage;

async function open(id: string): Promise<Screen> {
  await daemon.create({ id });
  const screen = await Screen.open(await freshPage(stage.browser), await daemon.link(id));
  await screen.prompt();
  return screen;
}

type Sent = { name: string; type: string; bytes: number[] };

/** Pastes or drops files, as the browser does it. */
async function bring(screen: Screen, how: "paste" | "drop", files: Sent[], text?: string): Promise<void> {
  await screen.page.evaluate(
    ({ how, files, text }) => {
      const data = new DataTransfer();
      for (const { name, type, bytes } of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      if (text !== undefined) data.setData("text/plain", text);
      const init = { bubbles: true, cancelable: true };
      if (how === "paste") {
        document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
        return;
      }
      const over = document.querySelector(".xterm-screen");
      for (const type of ["dragover", "drop"]) over?.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
    },
    { how, files, text },
  );
}

/** The paths that were typed, as the shell shows them. */
async function paths(screen: Screen, count: number): Promise<string[]> {
  let found: string[] = [];
  await until("the paths are typed", () => {
    found = screen.input.replaceAll(/\x1b\[20[01]~/g, "").split(" ").filter((word) => word.startsWith("/"));
    return found.length === count;
  });
  return found;
}

const PNG = { name: "image.png", type: "image/png", bytes: [137, 80, 78, 71, 13, 10, 26, 10, 0, 255] };

test("a picture that is pasted is a file whose path is typed, not submitted", { timeout }, async () => {
  const screen = await open("pictures");
  await bring(screen, "paste", [PNG]);
  const [path = ""] = await paths(screen, 1);
  assert.match(path, /\/image\.png$/);
  assert.deepEqual([...readFileSync(path)], PNG.bytes);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(screen.input.startsWith("\x1b[200~") && screen.input.endsWith("\x1b[201~"), "as a paste");
  await bring(screen, "paste", [PNG]);
  assert.match((await paths(screen, 2))[1] ?? "", /\/image-2\.png$/, "nothing is overwritten");
  await screen.page.keyboard.press("Control+c");
  // What is typed before the shell has seen the signal may go with the line it ends.
  await screen.prompt();
  await screen.run("exit");
  await screen.page.waitForSelector('.pill[data-mark="over"]');
  await until("it goes with the session", () => !existsSync(path));
});

test("the picture on the clipboard is pasted by keys, and by the menu", { timeout }, async () => {
  const screen = await open("clipboard");
  const { page } = screen;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob) await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
  });
  await page.keyboard.press("Control+Shift+V");
  const [path = ""] = await paths(screen, 1);
  assert.equal(readFileSync(path).subarray(1, 4).toString(), "PNG");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Paste" }).click();
  await paths(screen, 2);
});

test("files that are dropped are typed in order, whatever they are called", { timeout }, async () => {
  const screen = await open("drops");
  const file = (name: string, text: string) => ({ name, type: "text/plain", bytes: [...Buffer.from(text)] });
  await screen.type("cat ");
  await bring(screen, "drop", [file("a b;$(reboot).txt", "one\n"), file("日本.txt", "two\n")]);
  await paths(screen, 2);
  await screen.page.keyboard.press("Enter");
  await screen.shows(/^one\ntwo$/m);
  assert.equal(screen.page.url(), `${daemon.url}/s/drops`, "the page is still there");
});

test("text goes before the picture that comes with it, and dropped text is pasted", { timeout }, async () => {
  const screen = await open("texts");
  await bring(screen, "paste", [PNG], "echo from-a-table");
  await screen.shows(/\$ echo from-a-table$/m);
  await screen.page.keyboard.press("Control+u");
  await bring(screen, "drop", [], "echo dragged");
  await screen.shows(/\$ echo dragged$/m);
});

test("Ctrl-V goes to the program, which may look at the clipboard itself", { timeout }, async () => {
  const screen = await open("control-v");
  await screen.run("clear; cat -v");
  await screen.page.keyboard.press("Control+v");
  await until("the key is sent", () => screen.input.endsWith("\x16"));
  // Something that is neither text nor a file that the page may have.
  await screen.page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("application/x-of-its-own", "1");
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  });
  await until("as if the key was pressed", () => screen.input.endsWith("\x16\x16"));
});

test("what is too large, and what a viewer brings, is refused and said", { timeout }, async () => {
  const screen = await open("refused");
  const large = { name: "film.bin", type: "", bytes: Array.from({ length: 100_001 }, () => 0) };
  await bring(screen, "drop", [large]);
  await said(screen.page, "film.bin is larger than 100 KB: nothing was sent.");
  await bring(screen, "drop", [{ ...large, bytes: large.bytes.slice(1) }]);
  await paths(screen, 1);
  const viewer = await Screen.open(await freshPage(stage.browser), await daemon.link("refused", "view"));
  await bring(viewer, "drop", [PNG]);
  await said(viewer.page, "You are watching");
  assert.equal(viewer.input, "");
});
