// Which links of a terminal's text may be opened. The text comes from programs that may be
// hostile.

const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** Longer targets cannot be judged by looking at them. */
const LONGEST = 2048;

/**
 * The target as it may be shown and opened, or null. International host names come out in their
 * ASCII form, so that look-alike letters cannot pass for others.
 */
export function safeLink(target: string): string | null {
  if (target.length > LONGEST || !URL.canParse(target)) return null;
  const url = new URL(target);
  if (!ALLOWED.has(url.protocol)) return null;
  if (url.protocol !== "mailto:" && url.hostname === "") return null;
  return url.href;
}
