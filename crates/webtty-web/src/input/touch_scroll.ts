// Scrolling with a finger. The terminal knows the wheel only; what the wheel does (scrollback,
// mouse reports, cursor keys in full-screen programs) is what a finger should do, too.

/** A finger that moves less than this taps. */
const SLOP_PIXELS = 8;

/** How much of its speed a fling keeps from one frame to the next, and where it rests. */
const FRICTION = 0.94;
const REST_PIXELS = 0.5;

/** Turns moves of one finger on `stage` into wheel events on what is under it. */
export function scrollByTouch(stage: HTMLElement): void {
  let last: Touch | null = null;
  let hasMoved = false;
  let speed = 0;
  let frame = 0;

  stage.addEventListener(
    "touchstart",
    (event) => {
      cancelAnimationFrame(frame);
      last = event.touches.length === 1 ? (event.touches[0] ?? null) : null;
      hasMoved = false;
      speed = 0;
    },
    { passive: true },
  );
  stage.addEventListener(
    "touchmove",
    (event) => {
      const touch = event.touches[0];
      if (last === null || touch === undefined || event.touches.length > 1) return;
      const across = last.clientX - touch.clientX;
      const delta = last.clientY - touch.clientY;
      if (!hasMoved && Math.abs(delta) < SLOP_PIXELS && Math.abs(across) < SLOP_PIXELS) return;
      hasMoved = true;
      event.preventDefault();
      speed = moveStage(stage, across, delta);
      last = touch;
      if (speed !== 0) turnWheel(touch, speed);
    },
    { passive: false },
  );
  stage.addEventListener("touchend", (event) => {
    // A tap goes on to the terminal as a click; the end of a scroll does not.
    if (!hasMoved || last === null) return;
    event.preventDefault();
    const touch = last;
    last = null;
    const fling = () => {
      speed *= FRICTION;
      if (Math.abs(speed) < REST_PIXELS) return;
      turnWheel(touch, speed);
      frame = requestAnimationFrame(fling);
    };
    frame = requestAnimationFrame(fling);
  });
}

/** Moves over a stage that shows its terminal in part; gives how far there was no more to move
 * down or up. */
function moveStage(stage: HTMLElement, across: number, down: number): number {
  if (getComputedStyle(stage).overflowY !== "auto") return down;
  const before = stage.scrollTop;
  stage.scrollLeft += across;
  stage.scrollTop += down;
  const isAtEnd = Math.abs(stage.scrollTop - before) < 1;
  return isAtEnd ? down : 0;
}

function turnWheel({ target, clientX, clientY }: Touch, deltaY: number): void {
  target.dispatchEvent(
    new WheelEvent("wheel", { deltaY, deltaMode: 0, clientX, clientY, bubbles: true, cancelable: true }),
  );
}
