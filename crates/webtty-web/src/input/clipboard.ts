// The system's clipboard. Where the browser withholds it (no TLS, no permission), copying falls
// back to the older command, and reading says that it cannot.

/** Did it work? */
export async function copyText(text: string): Promise<boolean> {
  if (text === "") return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

/** The clipboard's text, or null when the browser does not give it. */
export async function readText(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}

function copyByCommand(text: string): boolean {
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", put, { capture: true, once: true });
  const worked = document.execCommand("copy");
  document.removeEventListener("copy", put, { capture: true });
  return worked;
}
