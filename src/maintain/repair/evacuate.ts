/**
 * Evacuate: what is good in a broken pack goes to another one, and its file is put aside.
 *
 *     closed to appending -> rows moved -> file put aside -> row gone
 *
 * Until its file lies in quarantine the pack has a row, which no collection touches since it is sealed: ended anywhere, the next
 * repair finds it broken once more and goes on. Were it retired with the move, a collection would delete the file.
 */
import { PackInUse } from "../../catalog/addition.js";
import { CoppiceError } from "../../model/error.js";
import { isUnreadable } from "../../model/system-failure.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import { movePack } from "../collect/move-pack.js";
import { usedRows } from "../collect/used-rows.js";
import type { Quarantine } from "./quarantine.js";

/**
 * Empties a pack.
 *
 * @returns why it could not be done, for people
 */
export async function evacuate(
  engine: Engine,
  name: string,
  quarantine: Quarantine,
): Promise<string | undefined> {
  const { catalog, disk, chunks } = engine;
  const id = catalog.repairs.own(name);
  if (id === undefined) return `pack ${name} is broken, and in use: repair again`;
  try {
    const used = (await inTurns(usedRows(engine, [id]))).get(id)!;
    if (used.length > 0) movePack(engine, { id, name }, used, "stays");
  } catch (error) {
    catalog.releasePacks([id]);
    if (error instanceof PackInUse) return `pack ${name} is broken, and read from: repair again`;
    if (error instanceof CoppiceError || isUnreadable(error))
      return `pack ${name} is broken, and stays: ${(error as Error).message}`;
    throw error;
  }
  chunks.closeOthers(() => false);
  if (disk.stampOf(packPath(name)) !== undefined) quarantine.take(packPath(name));
  catalog.repairs.forget(id);
  return undefined;
}
