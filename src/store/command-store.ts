/**
 * Command store: a store as the command line opens it, without overlays: these end with their process, and are half of the
 * modules that a store would load.
 */
import { xxh64Ready } from "../hash/xxh64.js";
import { openEngine } from "../snapshot/engine.js";
import { ArchiveCalls } from "./archive-calls.js";

export class CommandStore extends ArchiveCalls {
  /** Opens a store; see `Store.open`. */
  static async open(directory: string, { create }: { readonly create: boolean }) {
    await xxh64Ready;
    return new CommandStore(openEngine(directory, create));
  }
}
