/**
 * Empty store: for archives to be imported into.
 */
import { onTestFinished } from "vitest";
import type { CoppiceError } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

/** Returns a new store, which is closed with the test. */
export async function emptyStore(): Promise<Store> {
  const store = await Store.open(`${scratchDirectory()}/store`);
  onTestFinished(() => store.close());
  return store;
}

/** Returns what an import is refused with; nothing must have come of it. */
export async function refusal(
  store: Store,
  ...[source, options]: Parameters<Store["import"]>
): Promise<CoppiceError> {
  const before = await store.snapshots();
  const error = await store.import(source, options).then(
    () => undefined,
    (cause: CoppiceError) => cause,
  );
  if (error === undefined) throw new Error("it was imported");
  if ((await store.snapshots()).length !== before.length) throw new Error("it is registered");
  return error;
}
