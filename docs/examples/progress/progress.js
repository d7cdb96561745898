// Shows what a tool publishes beside its terminal: a progress bar and a table of results.
//
// The page keeps nothing. It reads the events from the oldest that is kept, then those that
// come, so that after a reload it has the same picture again.

import { Client, takeKeyFromUrl } from "../../assets/webtty-client.js";

const session = new URLSearchParams(location.search).get("s") ?? "main";
const element = (id) => document.getElementById(id);

// The key of a link, `#k=…`, is exchanged for a token, which stays in the browser. Whoever has
// opened the session's own link before needs none.
const key = takeKeyFromUrl();
const client = new Client({ store: localStorage, session });

/** What the tool says, by the one field each of its events has. */
const draw = {
  begin({ total }) {
    clear();
    progress(0, total);
  },
  result({ name, lines, bytes, done, total }) {
    const row = element("results").insertRow();
    // Text from a tool goes in as text, never as HTML.
    for (const value of [name, lines, bytes]) row.insertCell().textContent = String(value);
    progress(done, total);
  },
};

function progress(done, total) {
  element("bar").max = Math.max(total, 1);
  element("bar").value = done;
  element("share").textContent = `${done} of ${total}`;
}

function clear() {
  element("results").replaceChildren();
  progress(0, 0);
}

function say(words) {
  element("status").textContent = words;
}

function describe(state) {
  if (state.is === "refused") return `not allowed: ${state.message}`;
  return state.is === "connected" ? `live from ${session}` : `${state.is}…`;
}

async function start() {
  if (key !== null) await client.rest.login(key);
  // As the client above: the daemon may live below a path of its proxy.
  document.querySelector("iframe").src = `../../s/${encodeURIComponent(session)}`;
  const events = client.events(session, { since: 0, outlive: true });
  events.onState((state) => say(describe(state)));
  events.onEvent(({ data }) => {
    // Other tools may publish here too: what is not known is left alone.
    for (const [kind, act] of Object.entries(draw)) {
      if (typeof data === "object" && data !== null && kind in data) act(data[kind]);
    }
  });
  events.onMissed(({ why }) => {
    if (why === "restarted") clear();
    else say("some events are no longer kept; what follows is");
  });
  events.open();
}

start().catch((error) => say(`it did not work: ${error.message}`));
