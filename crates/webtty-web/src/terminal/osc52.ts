// What a program asks the clipboard to be set to: OSC 52 of xterm's control sequences.

/** The most that is taken, in bytes. */
const MOST_BYTES = 64 * 1024;

/**
 * The text of an OSC 52 that sets the clipboard. Null for one that asks for the clipboard, which is
 * answered by nobody, means another selection, is too large, or is not base64 of UTF-8 text.
 */
export function clipboardText(data: string): string | null {
  const [, selection, payload] = /^([a-z0-9]*);([A-Za-z0-9+/]+={0,2})$/.exec(data) ?? [];
  if (selection === undefined || payload === undefined) return null;
  if (selection !== "" && !selection.includes("c")) return null;
  if (payload.length > Math.ceil(MOST_BYTES / 3) * 4) return null;
  try {
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return bytes.length > MOST_BYTES ? null : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
