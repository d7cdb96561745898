// The page at `/`: all sessions.

import type { Client } from "@webtty/client";

import { make } from "../dom";
import { sessionPath } from "../route";
import { showKeyScreen } from "./key_screen";
import { SessionList } from "./session_list";

export function showSessions(client: Client): void {
  const list = new SessionList(client, null, {
    refused: () => showKeyScreen(client, false),
    open: (id) => location.assign(sessionPath(id)),
  });
  document.title = "Sessions · webtty";
  document.body.className = "plain";
  document.body.replaceChildren(
    make(
      "main",
      { class: "sessions-page" },
      make("h1", {}, make("span", { class: "mark", "aria-hidden": "true" }, "›_"), "Sessions"),
      list.element,
    ),
  );
  list.start();
}
