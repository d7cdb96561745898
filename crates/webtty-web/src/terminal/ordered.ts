// Keeps resizes in their place among the output. The terminal takes output in its own time, but
// changes its size at once; a resize that overtakes output would wrap it at the wrong column.

type Step = (done: () => void) => void;

/** Runs writes at once and everything else only when all writes before it are done. */
export class OrderedSteps {
  #running = 0;
  #waiting: Array<{ isBarrier: boolean; step: Step }> = [];

  /** A write: several may be under way together. */
  write(step: Step): void {
    this.#add(false, step);
  }

  /** A step that must see everything before it done, and nothing after it begun. */
  barrier(act: () => void): void {
    this.#add(true, (done) => {
      act();
      done();
    });
  }

  #add(isBarrier: boolean, step: Step): void {
    this.#waiting.push({ isBarrier, step });
    this.#run();
  }

  #run(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || (next.isBarrier && this.#running > 0)) return;
      this.#waiting.shift();
      this.#running += 1;
      next.step(() => {
        this.#running -= 1;
        this.#run();
      });
    }
  }
}
