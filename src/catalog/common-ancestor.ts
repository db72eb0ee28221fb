/**
 * Common ancestor: goes back from two snapshots at once, newest first. Parents are older than their children: what both
 * come from is reached from both before anything that is older.
 */
import type { Database } from "../database/sqlite.js";

/** A snapshot on the way back from two others. */
interface Reached {
  readonly id: string;
  readonly sequence: number;
  readonly from: ReadonlySet<string>;
}

/**
 * Returns the id of the newest snapshot that two others come from or are, `undefined` where there is none.
 *
 * Costs a look-up for each of their ancestors that is newer, however many are older.
 */
export function commonAncestor(
  database: Database,
  ids: readonly [string, string],
): string | undefined {
  const sequenceOf = database.prepare("SELECT sequence FROM snapshot WHERE id = ?").pluck();
  const parents = database.prepare(
    `SELECT parent.id, parent.sequence FROM snapshot AS parent JOIN snapshot ON parent.id = snapshot.parent WHERE snapshot.id = @id
     UNION SELECT parent.id, parent.sequence FROM snapshot AS parent JOIN merge_parent ON parent.id = merge_parent.parent WHERE merge_parent.snapshot = @id`,
  );
  const pending = new Map<string, Reached>();
  const add = (id: string, sequence: number, from: Iterable<string>): void =>
    void pending.set(id, {
      id,
      sequence,
      from: new Set([...(pending.get(id)?.from ?? []), ...from]),
    });
  for (const id of ids) {
    const sequence = sequenceOf.get(id) as number | undefined;
    if (sequence !== undefined) add(id, sequence, [id]);
  }
  while (pending.size > 0) {
    const each = [...pending.values()].reduce((a, b) => (a.sequence > b.sequence ? a : b));
    if (ids.every((id) => each.from.has(id))) return each.id;
    pending.delete(each.id);
    for (const parent of parents.all({ id: each.id }) as { id: string; sequence: number }[]) {
      // A parent that is newer than its child comes of damage, and might lead round for ever.
      if (parent.sequence < each.sequence) add(parent.id, parent.sequence, each.from);
    }
  }
  return undefined;
}
