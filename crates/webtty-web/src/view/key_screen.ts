// What is shown when the daemon asks for a credential and the page has none that it takes.

import { type Client, Refused } from "@webtty/client";

import { make } from "../dom";
import { keyInText, routeOf, sessionPath } from "../route";

const WRONG = "The daemon does not take this key. It may have ended, or been used up or revoked.";
const NO_KEY = "There is no key in this. A link's key is what follows “#k=”.";

/** Asks for a link or key until one is taken, then loads the page with it. */
export function showKeyScreen(client: Client, wasRefused: boolean): void {
  const complaint = make("p", { class: "complaint", role: "alert" }, wasRefused ? WRONG : "");
  const field = make("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "Link or key",
    required: true,
  });
  const submit = make("button", { class: "primary" }, "Open");
  const form = make("form", {}, make("label", { for: "key" }, "Paste the link you were given, or its key"), field, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit.disabled = true;
    void useKey(client, field.value).then((problem) => {
      complaint.textContent = problem ?? "";
      submit.disabled = false;
    });
  });
  document.title = "webtty";
  document.body.className = "plain";
  document.body.replaceChildren(
    make(
      "main",
      { class: "card key-screen" },
      make("div", { class: "mark", "aria-hidden": "true" }, "›_"),
      make("h1", {}, "This link needs its key"),
      make(
        "p",
        {},
        "A terminal is opened with a link that carries a key. Ask who shared it for the whole link, or, on the machine where it runs, get one with ",
        make("code", {}, "webtty open"),
        ".",
      ),
      complaint,
      form,
    ),
  );
  field.focus();
}

/** Is a key being asked for? */
export function isKeyScreen(): boolean {
  return document.querySelector(".key-screen") !== null;
}

/** Null when the page is about to load with a key that works, else what is wrong. */
async function useKey(client: Client, text: string): Promise<string | null> {
  const pasted = keyInText(text);
  if (pasted === null) return NO_KEY;
  try {
    const reply = await client.rest.login(pasted.key);
    location.assign(pathAfterLogin(pasted.path, reply.session ?? null));
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.status === 401 ? WRONG : error.message;
    return "The daemon does not answer. Try again in a moment.";
  }
}

/** The pasted link's page, else the key's session, else the page this is. */
function pathAfterLogin(pastedPath: string | null, session: string | null): string {
  if (pastedPath !== null && routeOf(pastedPath).view === "terminal") return pastedPath;
  return session === null ? location.pathname : sessionPath(session);
}
