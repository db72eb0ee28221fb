/**
 * Ledger calls: what is built on snapshots and has a database of its own. Thin: each part is an object of its own.
 */
import { Ledger } from "../ledger/ledger.js";
import { Profiles } from "../profile/profiles.js";
import { Registry } from "../registry/registry.js";
import type { Engine } from "../snapshot/engine.js";
import { Traces } from "../traces/traces.js";
import { OverlayCalls } from "./overlay-calls.js";

/** The parts of a store that are built on its other calls, and these. */
export class LedgerCalls extends OverlayCalls {
  #ledger: Ledger | undefined;
  #profiles: Profiles | undefined;
  #registry: Registry | undefined;
  #traces: Traces | undefined;

  /** Prepared images: snapshots that a setup makes, and makes anew. */
  get profiles(): Profiles {
    return (this.#profiles ??= new Profiles(this));
  }

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
    // While the store is being closed, what ends then still writes to it.
    return (this.#ledger ??= new Ledger(this.use().directory));
  }

  /** @internal */
  protected override async leave(engine: Engine): Promise<void> {
    await this.#profiles?.close();
    this.#traces?.close();
    this.#ledger?.close();
    await super.leave(engine);
  }
}
