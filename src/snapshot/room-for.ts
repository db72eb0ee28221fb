/**
 * Room for: what a snapshot that was made costs older ones.
 */
import type { RoomMade } from "../model/room-made.js";
import { NO_ROOM_MADE } from "../model/room-made.js";
import type { Engine } from "./engine.js";
import type { WrittenSnapshot } from "./snapshot-writer.js";

/**
 * Makes room where a snapshot needs it; its writer is closed. Nothing is looked at where it does not.
 *
 * @param kept ids of the snapshots that stay beside it
 */
export async function roomFor(
  engine: Pick<Engine, "makeRoom">,
  { row, isOver }: Pick<WrittenSnapshot, "row" | "isOver">,
  signal?: AbortSignal,
  kept: readonly string[] = [],
): Promise<RoomMade> {
  if (!isOver) return NO_ROOM_MADE;
  return (await engine.makeRoom?.(new Set([row.id, ...kept]), signal)) ?? NO_ROOM_MADE;
}
