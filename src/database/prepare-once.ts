/**
 * Prepare once: to prepare a statement costs several times as much as to run it.
 */

import type { Database } from "./sqlite.js";

/**
 * Makes a database prepare each text once. Who then calls `pluck` or `raw` on a statement changes it for all who
 * prepare the same text.
 */
export function prepareOnce(database: Database): void {
  const statements = new Map<string, unknown>();
  const prepare = database.prepare.bind(database);
  database.prepare = (source: string) => {
    let statement = statements.get(source);
    if (statement === undefined) {
      statement = prepare(source);
      statements.set(source, statement);
    }
    return statement as never;
  };
}
