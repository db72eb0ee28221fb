/**
 * Store calls: what sandboxes need of a store.
 */
import type { Store } from "../store.js";

/** The calls of a store that sandboxes are built on. */
export type SandboxStore = Pick<
  Store,
  | "ledger"
  | "fork"
  | "workspace"
  | "discard"
  | "snapshot"
  | "snapshots"
  | "get"
  | "remove"
  | "pins"
  | "overlay"
  | "registry"
  | "profiles"
>;
