// What the tests of a file play on: a daemon of their own and a browser.

import { after, afterEach, before } from "node:test";

import type { Browser } from "playwright-core";

import { assertNoPageErrors, launch } from "./browser";
import { Daemon } from "./daemon";

/** A daemon with these settings and a browser, from before a file's first test until its last. */
export class Stage {
  readonly daemon = new Daemon();
  #browser: Browser | null = null;

  constructor(settings?: object) {
    before(async () => {
      if (settings !== undefined) this.daemon.configure(settings);
      await this.daemon.start();
      this.#browser = await launch();
    });
    after(async () => {
      await this.#browser?.close();
      await this.daemon.remove();
    });
    afterEach(assertNoPageErrors);
  }

  get browser(): Browser {
    if (this.#browser === null) throw new Error("the browser is there only while tests run");
    return this.#browser;
  }
}
