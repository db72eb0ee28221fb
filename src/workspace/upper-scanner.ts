/**
 * Upper scanner: scans one upper directory again and again, and remembers what need not be read again.
 */
import { CoppiceError } from "../model/error.js";
import type { Root } from "../tree/root.js";
import type { SeenName, UpperScanResult, UpperScanStore } from "./upper-scan.js";
import { isRace, UpperScan } from "./upper-scan.js";

/** How often a scan starts again when the directories change under it. */
const ATTEMPTS_MAX = 10;

export class UpperScanner {
  readonly #upper: string;
  readonly #base: Root;
  #seen: ReadonlyMap<string, SeenName> = new Map();

  /**
   * @param upper the upper directory
   * @param base the tree of the layers below it
   */
  constructor(upper: string, base: Root) {
    this.#upper = upper;
    this.#base = base;
  }

  /**
   * Returns what the overlay shows now.
   *
   * @throws {CoppiceError} UNREADABLE when it changes faster than it can be read
   * @throws {NodeJS.ErrnoException}
   */
  scan(store: UpperScanStore): UpperScanResult {
    let seen = this.#seen;
    for (let attempt = 1; ; attempt++) {
      const run = new UpperScan(this.#upper, this.#base, store, seen);
      try {
        return run.finish();
      } catch (error) {
        if (!isRace(error)) throw error;
        if (attempt < ATTEMPTS_MAX) {
          seen = new Map([...seen, ...run.seen]); // What was read need not be read again.
          continue;
        }
        throw new CoppiceError(
          "UNREADABLE",
          `Cannot read workspace: ${(error as Error).message}; pause what works in it and try again`,
          { cause: error },
        );
      }
    }
  }

  /** Has later scans rely on what one has found: all of it is stored now. */
  keep({ seen }: UpperScanResult): void {
    this.#seen = seen;
  }
}
