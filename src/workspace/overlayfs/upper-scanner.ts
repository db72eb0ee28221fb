/**
 * Upper scanner: scans one upper directory again and again, and remembers what need not be read again.
 */
import { CoppiceError } from "../../model/error.js";
import type { SeenDirectory } from "./seen-directory.js";
import { UpperFiles } from "./upper-files.js";
import type { UpperLayer, UpperScanResult, UpperScanStore } from "./upper-scan.js";
import { isRace, UpperScan } from "./upper-scan.js";

/** How often a scan starts again when the directories change under it. */
const ATTEMPTS_MAX = 10;

export class UpperScanner {
  readonly #layer: UpperLayer;
  #seen: SeenDirectory | undefined;

  constructor(layer: UpperLayer) {
    this.#layer = layer;
  }

  /**
   * Returns what the overlay shows now; yields now and then, for others to get a turn.
   *
   * @throws {CoppiceError} UNREADABLE when it changes faster than it can be read
   * @throws {NodeJS.ErrnoException}
   */
  *scan(store: UpperScanStore): Generator<void, UpperScanResult> {
    const files = new UpperFiles(store, this.#layer.tellsEachChange());
    for (let attempt = 1; ; attempt++) {
      try {
        const scan = new UpperScan(this.#layer, store, this.#seen, files);
        return yield* scan.finish();
      } catch (error) {
        if (!isRace(error)) throw error;
        if (attempt < ATTEMPTS_MAX) continue;
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
