/**
 * Room made: what a new snapshot costs older ones, in a store that may hold so many bytes only.
 */

/** What was done to stay within `RetentionPolicy.maxBytes`. */
export interface RoomMade {
  /** Ids of the snapshots that were removed for it, oldest first; empty in a store without `maxBytes`, and where all fits. */
  readonly pruned: readonly string[];
  /** Why the store holds more than `maxBytes` all the same, for people; absent where it does not. */
  readonly overLimit?: string;
}

/** Nothing had to go. */
export const NO_ROOM_MADE: RoomMade = { pruned: [] };
