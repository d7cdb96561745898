// The pictures of terminals in the list of sessions.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { freshPage, Screen, screenshot, until } from "./browser";
import { Stage } from "./stage";

const timeout = 60_000;
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
