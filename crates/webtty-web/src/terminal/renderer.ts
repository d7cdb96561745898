// Drawing with the GPU, where there is one that works.

import type { Terminal } from "@xterm/xterm";

/** Loads the WebGL renderer. Without it, or when the GPU takes its context away, the terminal
 * draws with the page's own elements, as it does until this is done. */
export async function useGpu(terminal: Terminal): Promise<void> {
  if (!hasWebgl()) return;
  try {
    const { WebglAddon } = await import("@xterm/addon-webgl");
    const addon = new WebglAddon();
    addon.onContextLoss(() => addon.dispose());
    terminal.loadAddon(addon);
  } catch (error) {
    console.info("drawing without the GPU:", error);
  }
}

/** Software that imitates a GPU is slower than the page's own elements: it does not count. */
function hasWebgl(): boolean {
  const context = document
    .createElement("canvas")
    .getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
