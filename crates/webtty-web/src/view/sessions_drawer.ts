// The list of sessions over a terminal.

import type { Client } from "@webtty/client";

import { button, ICONS, icon, make } from "../dom";
import { SessionList } from "./session_list";

/** Shows the list until something is chosen or it is closed. */
export function openSessionsDrawer(client: Client, open: (id: string) => void, closed: () => void): void {
  const dialog = make("dialog", { class: "drawer", "aria-labelledby": "sessions-title" });
  const list = new SessionList(client, client.rest.session, { refused: () => location.reload(), open });
  dialog.append(
    make(
      "div",
      { class: "drawer-head" },
      make("h2", { id: "sessions-title" }, "Sessions"),
      button({ class: "quiet", "aria-label": "Close" }, [icon(ICONS.close)], () => dialog.close()),
    ),
    list.element,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    list.stop();
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  list.start();
}
