// Drawing with the GPU, where there is one that works.

import type { Terminal } from "@xterm/xterm";

/** Loads the WebGL renderer. Without it, or when the GPU takes its context away, the terminal
 * draws with the page's own elements, as it does until this is done. */
export async function useGpu(terminal: Terminal): Promise<void> {
  if (!hasGpu()) return;
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
function hasGpu(): boolean {
  const context = document
    .createElement("canvas")
    .getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(context.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(name);
}
