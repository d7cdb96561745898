// How high a row must be for its font.

/** What reaches lowest. */
const LOWEST = "_gjpqy";

/** Keeps a whole number of pixels from being rounded down to one less. */
const ROUNDING = 1e-6;

/** The height of a row as a multiple of the font's own, which browsers round: a font whose
 * underscore reaches below it, as DejaVu Sans Mono's does at 14 pixels, would lose it there. */
export function lineHeight(fontFamily: string, fontSize: number): number {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return 1;
  context.font = `${fontSize}px ${fontFamily}`;
  return lineHeightOf(context.measureText(LOWEST));
}

type Metrics = Pick<TextMetrics, "fontBoundingBoxAscent" | "fontBoundingBoxDescent" | "actualBoundingBoxDescent">;

/** The same of what has been measured, in pixels. */
export function lineHeightOf(metrics: Metrics): number {
  const height = metrics.fontBoundingBoxAscent + metrics.fontBoundingBoxDescent;
  const missing = Math.ceil(metrics.actualBoundingBoxDescent - metrics.fontBoundingBoxDescent);
  if (!(missing > 0 && height > 0)) return 1;
  // Half of what a row is higher goes above its text, and the odd pixel below.
  return (height + 2 * missing - 1) / height + ROUNDING;
}
