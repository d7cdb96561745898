// What a terminal says by itself. The daemon answers every query, once, however many pages look
// on; a page that answered too would type into the shell.

/** A string reply (OSC, DCS, PM, APC). Alt with `]` or `P` sends only the first two characters. */
const STRING_REPLY = /^\x1b[\]P^_X]./s;

/** Device attributes and status, modes, window and keyboard reports. */
const CSI_REPLY = /^\x1b\[[?>=]?[\d;:]*(?:c|n|\$y|\$u|t|x)$|^\x1b\[\?[\d;]*[Ru]$/;

/** Focus reports: the page sends its own, for real changes of focus only. */
const FOCUS_REPORT = /^\x1b\[[IO]$/;

/** Is this something the terminal said by itself, rather than a person's input? */
export function isReply(data: string): boolean {
  return STRING_REPLY.test(data) || CSI_REPLY.test(data) || FOCUS_REPORT.test(data);
}

/** A control sequence by its parts, as the terminal's parser names them. */
export type SequenceId = { prefix?: string; intermediates?: string; final: string };

/** Control sequences that ask for an answer and do nothing else. */
export const CSI_QUERIES: SequenceId[] = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { final: "t" },
  { final: "x" },
  { prefix: "?", final: "u" },
];

/** Device control strings that ask for an answer: DECRQSS and XTGETTCAP. */
export const DCS_QUERIES: SequenceId[] = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
];

/** Colour commands, each of which is also a query. */
export const COLOR_OSCS = [4, 10, 11, 12];

/** Does this colour command only ask? One that sets as well must still reach the terminal. */
export function isColorQuery(ident: number, data: string): boolean {
  const parts = data.split(";");
  const specs = ident === 4 ? parts.filter((_, index) => index % 2 === 1) : parts;
  return specs.length > 0 && specs.every((spec) => spec === "?");
}
