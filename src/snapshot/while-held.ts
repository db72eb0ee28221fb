/**
 * While held: reading much of a snapshot by the places of its chunks, which no collection may move meanwhile.
 */
import type { Engine } from "./engine.js";
import { startWriting } from "./start-writing.js";

/**
 * Does something with a root, all of which stays where it is until that has ended, even if its snapshot is removed.
 *
 * @param root its digest
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export async function whileHeld<T>(
  engine: Pick<Engine, "catalog" | "disk">,
  root: Buffer,
  action: () => Promise<T>,
): Promise<T> {
  startWriting(engine);
  const letGo = engine.catalog.holds.takeFor({ digest: root, role: "reading" });
  try {
    return await action();
  } finally {
    letGo();
  }
}
