// Who wants to know of something.

/** Stops listening. */
export type Unsubscribe = () => void;

/** Listeners of one kind of event, called in the order in which they came. */
export class Listeners<Arguments extends unknown[], Answer = void> {
  readonly #all = new Set<(...values: Arguments) => Answer>();

  add(listener: (...values: Arguments) => Answer): Unsubscribe {
    // A wrapper of its own, so that one function can listen twice and stop once.
    const own = (...values: Arguments) => listener(...values);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  /** Calls them all and gives their answers. */
  call(...values: Arguments): Answer[] {
    return [...this.#all].map((listener) => listener(...values));
  }
}
