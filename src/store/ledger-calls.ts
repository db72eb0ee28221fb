/**
 * Ledger calls: what is built on snapshots and has a database of its own. Thin: each part is an object of its own.
 */
import { Ledger } from "../ledger/ledger.js";
import { Registry } from "../registry/registry.js";
import type { Engine } from "../snapshot/engine.js";
import { Traces } from "../traces/traces.js";
import { OverlayCalls } from "./overlay-calls.js";

/** The parts of a store that are built on its other calls, and these. */
export class LedgerCalls extends OverlayCalls {
  #ledger: Ledger | undefined;
  #registry: Registry | undefined;
  #traces: Traces | undefined;

  /** What agents did, event by event, and figures of it. */
  get traces(): Traces {
    return (this.#traces ??= new Traces(() => this.use().directory));
  }

  /** The agents of the store: names, versions, tags. Costs nothing until it is asked for something. */
  get registry(): Registry {
    return (this.#registry ??= new Registry(this));
  }

  /**
   * The database of agents, sandboxes and profiles; made with its first use.
   *
   * @internal
   * @throws {CoppiceError} STORE_CLOSED, STORE_TOO_NEW, STORE_BUSY, CORRUPT, DISK_FULL, IO
   */
  get ledger(): Ledger {
    const { directory } = this.use();
    return (this.#ledger ??= new Ledger(directory));
  }

  /** @internal */
  protected override async leave(engine: Engine): Promise<void> {
    this.#traces?.close();
    this.#ledger?.close();
    await super.leave(engine);
  }
}
