// A real browser, and a terminal in it as a person sees and uses it.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** How long anything may take to be seen, on a machine that is busy with other things. */
export const SEEN_MS = 30_000;

const SCREENSHOTS = join("e2e", "screenshots");

/** A browser, with further arguments of its command line. */
export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

const pageErrors: string[] = [];

/** Fails when anything went wrong in a page that nobody saw. To be run after each test. */
export function assertNoPageErrors(): void {
  assert.deepEqual(pageErrors.splice(0), []);
}

/** A page of a fresh browser profile. */
export async function freshPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1000, height: 600 },
    colorScheme: "dark",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(SEEN_MS);
  await context.addInitScript(() => {
    const words: string[] = [];
    Object.assign(window, { said: words });
    new MutationObserver((changes) => {
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      words.push(...added.filter((node) => node instanceof Element && node.matches(".toast")).map(({ textContent }) => textContent ?? ""));
    }).observe(document, { childList: true, subtree: true });
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => pageErrors.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) pageErrors.push(message.text());
  });
  return page;
}

/** Waits until the page has said something, be it that the words are gone again. */
export async function said(page: Page, words: string): Promise<void> {
  await page.waitForFunction((wanted) => (window as unknown as { said: string[] }).said.some((text) => text.includes(wanted)), words);
}

export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** The terminal of a page. */
export class Screen {
  readonly page: Page;
  /** What the page has sent as terminal input, over all its sockets. */
  input = "";
  /** How often the page has asked for another size. */
  resizes = 0;
  /** How many bytes of output have come to the page. */
  receivedBytes = 0;
  /** How many snapshots stood in for output that did not come. */
  lags = 0;
  /** Has it been shown such a snapshot, and not been given the scrollback since? */
  lacksHistory = false;
  /** The last messages in both directions, to be told when something does not come to be. */
  readonly #messages: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        if (typeof payload !== "string") this.input += payload.toString("latin1");
        else if (payload.includes('"type":"resize"')) this.resizes += 1;
        this.#note("sent", payload);
      });
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload !== "string") this.receivedBytes += payload.length;
        else if (payload.includes('"reason":"lagged"')) {
          this.lags += 1;
          this.lacksHistory = true;
        } else if (payload.includes('"reason":"caught-up"')) {
          this.lacksHistory = false;
        }
        this.#note("received", payload);
      });
    });
  }

  /** Opens a session and waits until its terminal is connected. */
  static async open(page: Page, link: string): Promise<Screen> {
    const screen = new Screen(page);
    await page.goto(link);
    await screen.connected();
    return screen;
  }

  async connected(): Promise<void> {
    await this.page.waitForSelector('.pill[data-mark="good"]');
  }

  /** What can be read on the screen now. */
  text(): Promise<string> {
    return this.page.locator(".xterm-rows").evaluate((rows) =>
      [...rows.children].map((row) => (row.textContent ?? "").replaceAll("\u00a0", " ").trimEnd()).join("\n"),
    );
  }

  /** Waits until the screen shows something. */
  async shows(what: RegExp): Promise<string> {
    return this.waits(what, true);
  }

  /** The same, for what takes its time. */
  async showsIn(patienceMs: number, what: RegExp): Promise<string> {
    return this.waits(what, true, patienceMs);
  }

  /** Waits until the screen does not show something any more. */
  async hides(what: RegExp): Promise<string> {
    return this.waits(what, false);
  }

  /** Waits until the last line with anything on it is a prompt. */
  async prompt(): Promise<void> {
    await this.shows(/ada@lovelace:[^\n]*\$\s*$/);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Types a command line and runs it. */
  async run(command: string): Promise<void> {
    await this.type(command);
    await this.page.keyboard.press("Enter");
  }

  /** Pastes as the browser does it: with a paste event of the focused element. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      document.activeElement?.dispatchEvent(event);
    }, text);
  }

  #note(direction: string, payload: string | Buffer): void {
    this.#messages.push(`${direction} ${payload.length}: ${JSON.stringify(payload.toString().slice(0, 100))}`);
    this.#messages.splice(0, this.#messages.length - 20);
  }

  private async waits(what: RegExp, isWanted: boolean, patienceMs = SEEN_MS): Promise<string> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const text = await this.text();
      if (what.test(text) === isWanted) return text;
      const wish = isWanted ? "does not show" : "still shows";
      if (Date.now() >= deadline) await screenshot(this.page, "failure");
      assert.ok(Date.now() < deadline, `the screen ${wish} ${what}:\n${text.trimEnd()}\n${this.#messages.join("\n")}`);
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SEEN_MS;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, `it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
