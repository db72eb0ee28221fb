import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Store, type Traces } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

/** A store that is closed with the test, and where its traces lie. */
export async function openTraces(): Promise<{
  readonly store: Store;
  readonly traces: Traces;
  readonly file: string;
}> {
  const directory = join(scratchDirectory(), "store");
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  return { store, traces: store.traces, file: join(directory, "ledger/traces.sqlite") };
}
