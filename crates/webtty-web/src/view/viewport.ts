// The machine the page is on: its keyboard, its pointer, and what part of the window is free.

/** Keeps the page as high as what can be seen, so that the keyboard never covers the prompt. */
export function followVisualViewport(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    const { style } = document.documentElement;
    style.setProperty("--app-height", `${viewport.height}px`);
    style.setProperty("--app-top", `${viewport.offsetTop}px`);
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  follow();
}

/** Does Cmd do here what Ctrl does elsewhere? */
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Is a finger the main pointer here? */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** In full screen the browser can be asked for keys it otherwise keeps, such as Ctrl-W. */
export async function goFullScreen(): Promise<void> {
  if (document.fullscreenElement) return document.exitFullscreen();
  await document.documentElement.requestFullscreen();
  const { keyboard } = navigator as { keyboard?: { lock(keys: string[]): Promise<void> } };
  await keyboard?.lock(["KeyW", "KeyT", "KeyN", "Tab"]);
}
