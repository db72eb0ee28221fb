/**
 * Some at once: pieces of asynchronous work beside one another, so many of them at most.
 */
export class SomeAtOnce {
  /** Do not reject. */
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /**
   * Starts a piece of work once fewer than so many are under way.
   *
   * @throws what an earlier one threw
   */
  async start(atOnce: number, work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= atOnce) await Promise.race(this.#running);
    this.#throwIfFailed();
    const promise: Promise<void> = work()
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#running.delete(promise));
    this.#running.add(promise);
  }

  /** Returns once nothing is under way, whether or not something failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /**
   * Returns once all is done.
   *
   * @throws what the first one threw that failed
   */
  async end(): Promise<void> {
    await this.settle();
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
