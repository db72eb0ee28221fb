/**
 * File parts: what work on files needs of a sandbox.
 */
import { noteEvent } from "../sandbox-events.js";
import type { SandboxParts } from "../sandbox-parts.js";
import { livingRow } from "../sandbox-parts.js";
import type { FileWorkParts } from "./file-work.js";

/**
 * Returns what work on the files of a sandbox needs.
 *
 * @param changing gets each change while it is under way
 * @throws {CoppiceError} NOT_FOUND where it was deleted
 */
export function filePartsOf(
  { store, id, workspace }: SandboxParts,
  changing: Set<Promise<unknown>>,
): FileWorkParts {
  livingRow(store, id);
  return {
    root: workspace.path,
    note(kind, data) {
      const { database, transaction } = store.ledger;
      transaction.run(() => noteEvent(database, id, kind, data), "relaxed");
    },
    async during(change) {
      changing.add(change);
      try {
        return await change;
      } finally {
        changing.delete(change);
      }
    },
  };
}
