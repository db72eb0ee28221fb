/**
 * Damage list: the chunks that are not as they should be, each once, however many there are.
 */
import { DigestSet } from "../../hash/digest-set.js";
import { formatDigest } from "../../model/digest.js";
import { REPORT_LIST_MAX } from "../../model/limits.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import { kindName } from "../../pack/chunk-location.js";
import type { StoredKind } from "../../snapshot/store-stats.js";
import type { DamagedChunk } from "./damage.js";

/** Where a damaged chunk lies. */
export type DamagedPlace = Pick<ChunkLocation, "offset" | "lengthBytes" | "kind"> & {
  /** The pack's name. */
  readonly packName: string;
};

export class DamageList {
  /** All of them. */
  readonly digests = new DigestSet();
  readonly #first: DamagedChunk[] = [];

  /** Adds a chunk, unless it is there. */
  add(digest: Buffer, problem: DamagedChunk["problem"], place?: DamagedPlace): void {
    if (!this.digests.add(digest) || this.#first.length === REPORT_LIST_MAX) return;
    this.#first.push({
      digest: formatDigest(digest),
      ...(place && {
        pack: place.packName,
        offset: place.offset,
        lengthBytes: place.lengthBytes,
        ...kindOf(place.kind),
      }),
      problem,
    });
  }

  /** Returns how many there are, and the first of them. */
  get counted() {
    return { count: this.digests.size, first: this.#first };
  }
}

function kindOf(kind: number): { readonly kind?: StoredKind } {
  const known = kindName(kind);
  return known === undefined ? {} : { kind: known };
}
