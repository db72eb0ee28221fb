/**
 * Make room: what follows a snapshot with which a store holds more than its policy allows. The snapshot is there: nothing that goes
 * wrong here is an error of its capture.
 */
import { CoppiceError } from "../../model/error.js";
import type { RoomMade } from "../../model/room-made.js";
import { NO_ROOM_MADE } from "../../model/room-made.js";
import { explainFailure } from "../../model/system-failure.js";
import type { Engine } from "../../snapshot/engine.js";
import { shrinkTo } from "./shrink-to.js";

/**
 * Once snapshots have to go, so much more is freed as is this part of the bound. Else each snapshot of a store that is full would begin
 * with two collections.
 */
const SLACK_SHARE = 1 / 16;

/**
 * Brings a store within `maxBytes`, where it is not.
 *
 * @param kept ids of the snapshots that stay: the one that was made just now, at least
 */
export async function makeRoom(
  engine: Engine,
  kept: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<RoomMade> {
  const maxBytes = engine.catalog.retention.policy?.maxBytes;
  if (maxBytes === undefined) return NO_ROOM_MADE;
  const pruned: string[] = [];
  try {
    const { heldBytes } = await shrinkTo(
      engine,
      (bytes) => bytes <= maxBytes,
      maxBytes * (1 - SLACK_SHARE),
      { keep: kept, signal, onPruned: (ids) => pruned.push(...ids) },
    );
    if (heldBytes <= maxBytes) return { pruned };
    return { pruned, overLimit: overLimitText(heldBytes, maxBytes) };
  } catch (error) {
    const action = `make room in ${engine.directory}`;
    const explained = explainFailure(
      error,
      action,
      signal,
      "what was freed until then stays freed",
    );
    if (!(explained instanceof CoppiceError)) throw explained;
    const { heldBytes } = engine.catalog.retention;
    return {
      pruned,
      overLimit: `${told(heldBytes, maxBytes)}, and no more room could be made: ${explained.message}; the next snapshot tries again`,
    };
  }
}

/** Returns why a store holds more than it may, where nothing more can go. */
export function overLimitText(heldBytes: number, maxBytes: number): string {
  return `${told(heldBytes, maxBytes)}: what is left is pinned, stood on by workspaces, needed by what is open, or the newest of its directory or series; unpin or remove something, or allow more`;
}

function told(heldBytes: number, maxBytes: number): string {
  return `the store holds ${heldBytes} bytes where ${maxBytes} are allowed`;
}
