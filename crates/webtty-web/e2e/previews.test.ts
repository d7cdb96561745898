// The pictures of terminals in the list of sessions.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { freshPage, Screen, screenshot, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage();
const { daemon } = stage;

/** How much of a session's picture is of a colour, in pixels. */
async function pixels(page: Page, id: string, color: "red" | "green"): Promise<number> {
  return page.locator(`.preview[href$="/s/${id}"] canvas`).evaluate((canvas, wanted) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const data = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      const most = Math.max(red, green, blue);
      const least = Math.min(red, green, blue);
      if (most - least > 60 && most === (wanted === "red" ? red : green)) count += 1;
    }
    return count;
  }, color);
}

test("the list shows what terminals show, and asks again only for what has changed", { timeout }, async () => {
  const paint = "printf '\\033[41m\\033[2J\\033[m'; read line; printf '\\033[42m\\033[2J\\033[m'; exec sleep 1000";
  await daemon.create({ id: "painted", cmd: ["/bin/sh", "-c", paint] });
  await until("it has painted", async () => JSON.stringify(await daemon.ask("GET", "/s/painted/screen?format=json")).includes('"bg"'));
  await daemon.create({ id: "shell", start: true });
  const page = await freshPage(stage.browser);
  const answers: string[] = [];
  page.on("response", (response) => {
    const id = /\/s\/([^/]+)\/screen/.exec(response.url())?.[1];
    if (id) answers.push(`${id} ${response.status()}`);
  });
  await page.goto(await daemon.link(null));
  await until("the picture is red", async () => (await pixels(page, "painted", "red").catch(() => 0)) > 5_000);
  await until("both are asked for again", () => ["painted 304", "shell 304"].every((one) => answers.includes(one)));
  assert.equal(answers.filter((answer) => answer === "painted 200").length, 1, answers.join(", "));
  await screenshot(page, "previews");

  const screen = await Screen.open(await freshPage(stage.browser), await daemon.link("painted"));
  await screen.page.keyboard.press("Enter");
  await until("the picture is green", async () => (await pixels(page, "painted", "green")) > 5_000);
  assert.equal(await pixels(page, "painted", "red"), 0);

  await page.locator('.preview[href$="/s/painted"]').click({ position: { x: 20, y: 20 } });
  await page.waitForURL(/\/s\/painted$/);
});

/** How many canvases are there, also such as are in no document and only held on to. */
async function canvases(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    const { result: prototype } = await session.send("Runtime.evaluate", { expression: "HTMLCanvasElement.prototype" });
    assert.ok(prototype.objectId);
    const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    assert.ok(objects.objectId);
    const functionDeclaration = "function () { return this.length; }";
    const { result } = await session.send("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration, returnByValue: true });
    return result.value as number;
  } finally {
    await session.detach();
  }
}

test("a list that is closed leaves none of its pictures", { timeout }, async () => {
  await daemon.create({ id: "beside", start: true });
  const { page } = await Screen.open(await freshPage(stage.browser), await daemon.link("beside"));
  const look = async () => {
    await page.getByRole("button", { name: "All sessions" }).click();
    await page.locator(".drawer .preview canvas").first().waitFor({ state: "attached" });
    await page.keyboard.press("Escape");
    await page.locator(".drawer").waitFor({ state: "detached" });
  };
  await look();
  const before = await canvases(page);
  for (let round = 0; round < 3; round++) await look();
  await until("the pictures are gone", async () => (await canvases(page)) <= before);
});
