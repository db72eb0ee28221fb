/**
 * Registry store: what the registry needs of a store.
 */
import type { Store } from "../store.js";

export type RegistryStore = Pick<
  Store,
  | "ledger"
  | "import"
  | "snapshot"
  | "snapshots"
  | "get"
  | "overlay"
  | "pin"
  | "pins"
  | "unpin"
  | "remove"
  | "fork"
>;
