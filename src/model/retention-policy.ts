/**
 * Retention policy: which snapshots are to stay, and how much a store may hold.
 */

/**
 * Which snapshots are to stay. *Rules* (`keepLast`, `keepWithin`) say what stays: where one is given, what none of them keeps
 * goes. *Limits* (`ttl`, `maxPerName`, `maxBytes`) say what goes, also of what a rule keeps. What neither speaks of stays.
 *
 * What is pinned, and what a workspace stands on, never goes.
 */
export interface RetentionPolicy {
  /**
   * The newest so many snapshots of each directory stay: `--keep-last` of restic forget and borg prune. Directories are told by
   * `Snapshot.source`, as restic groups by host and paths. At least 1.
   */
  readonly keepLast?: number;
  /**
   * Snapshots that are younger than so many milliseconds stay: `--keep-within` of borg prune. Counted from now, where restic
   * counts from the newest snapshot; therefore the newest of each directory stays, however old it is.
   */
  readonly keepWithin?: number;
  /**
   * Snapshots that are older than so many milliseconds go, also the newest of a directory, and whatever the rules keep: a time to live.
   */
  readonly ttl?: number;
  /**
   * Of each *series* the newest so many stay, and the others go: snapshots whose names share what is before their last `@`, as
   * `nightly@1`, `nightly@2`. Names are unique in a store, so that a name without `@` is in no series. At least 1.
   */
  readonly maxPerName?: number;
  /**
   * How many bytes the packs may hold: with trees, indexes, and what is dead and was not given back yet; without the catalog,
   * caches and images. Where they hold more, what nothing needs is collected; then snapshots go, the oldest first, until it fits.
   * The newest of each directory and of each series never goes for this.
   */
  readonly maxBytes?: number;
}

const WHOLE_NUMBERS = { keepLast: 1, maxPerName: 1, maxBytes: 0 } as const;
const DURATIONS = ["keepWithin", "ttl"] as const;

/**
 * Returns a policy without what is `undefined` in it.
 *
 * @throws {RangeError} where a number is out of its range
 * @throws {TypeError} where a member is none of a policy's
 */
export function checkRetentionPolicy(policy: RetentionPolicy): RetentionPolicy {
  const given = Object.entries(policy).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    if (key in WHOLE_NUMBERS) {
      const least = WHOLE_NUMBERS[key as keyof typeof WHOLE_NUMBERS];
      if (Number.isSafeInteger(value) && value >= least) continue;
      throw new RangeError(`Cannot use ${key} ${value}: give a whole number of at least ${least}`);
    }
    if (!(DURATIONS as readonly string[]).includes(key))
      throw new TypeError(`Cannot use ${key}: a retention policy has no such member`);
    if (!(Number.isFinite(value) && value >= 0))
      throw new RangeError(`Cannot use ${key} ${value}: give milliseconds, 0 or more`);
  }
  return Object.fromEntries(given);
}
