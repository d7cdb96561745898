// Text from elsewhere, made fit to be shown.

import type { ExitInfo } from "@webtty/client";

/** Control characters, line separators, and everything that turns the direction of text. */
const UNFIT = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** The most characters of a title shown in a tab. */
const LONGEST_TITLE = 120;

/** A title without characters that could hide or reorder what is shown beside it. */
export function cleanTitle(title: string): string {
  const text = title.replace(UNFIT, " ").replace(/\s+/g, " ").trim();
  const characters = [...text];
  return characters.length > LONGEST_TITLE ? `${characters.slice(0, LONGEST_TITLE - 1).join("")}…` : text;
}

/** `14:03:09`. */
export function clockTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** How long ago something was, in its largest whole unit. */
export function age(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - thenMs) / 1000));
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** What somebody is called: the name it says it has, with the note on its link, which whoever made
 * the link has written; its number where there is neither. */
export function personName({ client, name, label }: { client: number; name?: string | null; label?: string | null }): string {
  const [said, noted] = [cleanTitle(name ?? ""), cleanTitle(label ?? "")];
  if (said !== "" && noted !== "" && said !== noted) return `${said} (${noted})`;
  return said || noted || `Guest ${client}`;
}

/** How a shell ended, in words. */
export function exitWords(exit: ExitInfo | null): string {
  if (exit?.signal) return `ended by ${cleanTitle(exit.signal)}`;
  if (typeof exit?.code === "number") return `ended with code ${exit.code}`;
  return "ended";
}

/** What became of input when its connection broke, or null when all of it has arrived: `unsure` bytes
 * may be lost, and the `unsent` ones behind them are. */
export function lossWords(unsure: number, unsent: number): string | null {
  const bytes = (count: number) => (count === 1 ? "1 byte" : `${count} bytes`);
  if (unsure + unsent === 0) return null;
  if (unsure === 0) return `The connection broke: ${bytes(unsent)} of input ${unsent === 1 ? "was" : "were"} not sent.`;
  const rest = unsent === 0 ? "" : `, and the ${bytes(unsent)} after that ${unsent === 1 ? "was" : "were"} not sent`;
  return `The connection broke: ${bytes(unsure)} of input may not have arrived${rest}.`;
}

/** A phrase of the daemon as a sentence. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
