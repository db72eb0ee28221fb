/**
 * Kept roots: what overlays stand on stays while they are there, although its snapshot may have been removed.
 */
import type { Hold, Keep } from "../catalog/hold-table.js";
import { CoppiceError } from "../model/error.js";
import type { Engine } from "../snapshot/engine.js";
import { startWriting } from "../snapshot/start-writing.js";

/** A store on a medium that is not written to: nobody else removes anything there either. */
const NOT_WRITTEN = ["EROFS", "EACCES", "EPERM", "SQLITE_READONLY"];

export class KeptRoots {
  readonly #engine: () => Engine;
  #isNoted = false;

  /** @param engine the store's, while it is open */
  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  /**
   * Says to who removes snapshots that there are overlays here. Costs two transactions, the first time.
   *
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   */
  begin(): void {
    if (this.#isNoted) return;
    const engine = this.#engine();
    try {
      startWriting(engine);
      engine.catalog.holds.noteOverlays();
    } catch (error) {
      if (!isNotWritten(error)) throw error;
    }
    this.#isNoted = true;
  }

  /** Returns what keeps a root for as long as it is referred to. */
  root(digest: Buffer): Keep {
    return this.of({ digest, role: "root" });
  }

  /** As `root`, of whatever. */
  of(hold: Hold): Keep {
    return this.#engine().catalog.holds.keep(hold);
  }
}

function isNotWritten(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { code?: string };
    if (!(each instanceof CoppiceError) && NOT_WRITTEN.some((known) => code?.startsWith(known)))
      return true;
  }
  return false;
}
