/**
 * Used rows: which bytes of a pack something refers to.
 */
import type { Engine } from "../../snapshot/engine.js";
import { gatherRows } from "../check/listed-chunks.js";
import { listedParts, type PackUse } from "../check/listed-rows.js";

/**
 * Returns the rows of the chunks that are used of some packs, as the catalog lists them now, by their offsets (see `ChunkTable`): 56 bytes
 * and 0.5 µs each. Yields now and then.
 *
 * @param uses how much of each pack was listed a while ago
 */
export function usedRows(
  engine: Pick<Engine, "catalog">,
  packs: readonly number[],
  uses: ReadonlyMap<number, PackUse> = new Map(),
): Generator<void, Map<number, Buffer>> {
  const counts = new Map(packs.map((pack) => [pack, uses.get(pack)?.chunks ?? 0]));
  return gatherRows(listedParts(engine), counts);
}
