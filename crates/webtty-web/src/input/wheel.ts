// How often a turn of the wheel is reported to a program that listens to the mouse.

/** Turns wheel events into whole numbers of reports, carrying the remainder on. */
export class WheelSpeed {
  readonly #speed: number;
  #remainder = 0;

  constructor(speed: number) {
    this.#speed = Number.isFinite(speed) && speed > 0 ? speed : 1;
  }

  /** How many reports this event makes. */
  reports(): number {
    this.#remainder += this.#speed;
    const whole = Math.floor(this.#remainder);
    this.#remainder -= whole;
    return whole;
  }
}
