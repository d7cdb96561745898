// The start of the page, whichever of its views the URL asks for.

import { Backoff, Client, type PageSettings, Refused, takeKeyFromUrl } from "@webtty/client";

import { make } from "./dom";
import { daemonUrl, routeOf } from "./route";
import { textStore } from "./storage";
import { isKeyScreen, showKeyScreen } from "./view/key_screen";
import { showSessions } from "./view/sessions_page";
import { showTerminal } from "./view/terminal_page";
import "./style/main.css";

const key = takeKeyFromUrl();
const route = routeOf(location.pathname);
const client = new Client({ url: daemonUrl(), store: textStore, ...(route.view === "terminal" ? { session: route.session } : {}) });

// A link with a key, pasted over this page's own URL, changes nothing but the fragment.
window.addEventListener("hashchange", () => {
  const pasted = takeKeyFromUrl();
  if (pasted !== null) void change(pasted);
});

void start();

async function start(): Promise<void> {
  let wasRefused = false;
  const settings = await untilAnswered(async () => {
    wasRefused = key !== null && !(await login(key));
    return loadSettings();
  }, sayAlone);
  if (settings === null) showKeyScreen(client, wasRefused);
  else if (route.view === "terminal") showTerminal(client, settings, route.session);
  else showSessions(client);
}

/** Loads the page with what a key allows. One that is not taken leaves things as they are. */
async function change(pasted: string): Promise<void> {
  // What is shown goes on meanwhile, and says itself when the daemon does not answer.
  const isTaken = await untilAnswered(() => login(pasted), () => {});
  // Whoever is at work may be asked and stay: the new token is there all the same.
  if (isTaken) location.reload();
  else if (isKeyScreen()) showKeyScreen(client, true);
}

/** False when the daemon does not take the key; a token from before may still be good. */
async function login(key: string): Promise<boolean> {
  try {
    await client.rest.login(key);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return false;
    throw error;
  }
}

/** The settings, or null when the daemon wants a credential first. */
async function loadSettings(): Promise<PageSettings | null> {
  try {
    return await client.rest.settings();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

/** Tries until the daemon answers, and says so meanwhile. */
async function untilAnswered<Answer>(ask: () => Promise<Answer>, say: (words: string) => void): Promise<Answer> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      say(error instanceof Refused ? error.message : "The daemon does not answer. Trying again…");
      await new Promise((resolve) => setTimeout(resolve, backoff.next()));
    }
  }
}

/** Says something on a page that has nothing else yet. */
function sayAlone(words: string): void {
  document.body.className = "plain";
  document.body.replaceChildren(make("main", { class: "card" }, make("p", { role: "status" }, words)));
}
