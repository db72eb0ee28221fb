/**
 * Registry store: what the registry needs of a store.
 */
import type { Store } from "../store.js";

export type RegistryStore = Pick<
  Store,
  "ledger" | "snapshot" | "snapshots" | "get" | "overlay" | "pin" | "unpin" | "remove" | "fork"
>;
