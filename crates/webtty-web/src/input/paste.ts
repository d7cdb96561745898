// Pasted text on its way to the shell.

/** The most bytes of one message: well below the daemon's limit of 64 KiB. */
export const CHUNK_BYTES = 16 * 1024;

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const END_MARKERS = /(?:\x1b\[|\x9b)201~/g;

/**
 * Pasted text as a shell expects it: lines end with a carriage return, as if typed. In bracketed
 * mode it is wrapped, and end markers inside it are taken out, so that no text can end its own
 * paste and have the rest run as commands.
 */
export function preparePaste(text: string, bracketed: boolean): string {
  const typed = text.replace(/\r?\n/g, "\r");
  return bracketed ? PASTE_START + withoutEndMarkers(typed) + PASTE_END : typed;
}

/** Repeats, since taking out one marker can join the halves of another. */
function withoutEndMarkers(text: string): string {
  const cleaned = text.replace(END_MARKERS, "");
  return cleaned === text ? text : withoutEndMarkers(cleaned);
}

/** The bytes in pieces of at most `size`, no UTF-8 character of them split. */
export function* chunks(bytes: Uint8Array, size: number = CHUNK_BYTES): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const end = Math.min(start + size, bytes.length);
    const cut = end === bytes.length ? end : characterStart(bytes, end, start);
    yield bytes.subarray(start, cut);
    start = cut;
  }
}

/** The last place at or before `end` where a character starts, or `end` when there is none. */
function characterStart(bytes: Uint8Array, end: number, start: number): number {
  for (let at = end; at > Math.max(start, end - 4); at--) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return end;
}
