// Files that are pasted or dropped: put beside the session, and their paths typed.

/** What came with a paste or a drop. */
export type Brought =
  | { is: "files"; files: File[] }
  | { is: "text"; text: string }
  /** Directories, which a page cannot give on as files. */
  | { is: "directories" }
  /** Something that is neither. */
  | { is: "other" }
  | { is: "nothing" };

/** Text goes before files: what is copied from a table or a document comes with a picture of itself. */
export function brought(data: DataTransfer | null): Brought {
  const text = data?.getData("text/plain") ?? "";
  const files = [...(data?.files ?? [])];
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) return { is: "directories" };
  if (text !== "") return { is: "text", text };
  if (files.length > 0) return { is: "files", files };
  return { is: (data?.types.length ?? 0) > 0 ? "other" : "nothing" };
}

/** The picture on the clipboard, where the browser lets the page look; null when there is none. */
export async function clipboardPicture(): Promise<File | null> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((one) => one.startsWith("image/"));
      if (type === undefined) continue;
      const extension = /^image\/([a-z0-9]+)/.exec(type)?.[1] ?? "bin";
      return new File([await item.getType(type)], `image.${extension}`, { type });
    }
  } catch {
    // It is withheld: no secure context, or the person has said no.
  }
  return null;
}

/** Paths as a terminal types what is dropped on it: what a shell would take for something else is
 * escaped, and a space ends each. */
export function typedPaths(paths: string[]): string {
  return paths.map((path) => `${path.replace(/[^\p{L}\p{N}._\-+@/:,%=~]/gu, "\\$&")} `).join("");
}

/** How large something is, for people. */
export function readableSize(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
