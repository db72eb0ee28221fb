/**
 * Pages of long lists. A cursor names the last item of a page by its sort key, not by its position: what comes or goes
 * meanwhile neither repeats nor hides an item, and a page costs the same wherever it is in the list.
 */
import { CoppiceError } from "../model/error.js";

/** Which page of a list. */
export interface PageQuery {
  /** At most so many items, 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** The `cursor` of the page before. @default the first page */
  readonly cursor?: string;
}

/** A page of a list. */
export interface Page<Item> {
  /** In the order of the list. */
  readonly items: readonly Item[];
  /** Gives the next page; missing at the end. */
  readonly cursor?: string;
}

/** A sort key: what the list is sorted by, then what tells equal ones apart. */
export type SortKey = readonly (string | number)[];

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/**
 * Returns a page.
 *
 * @param list names the list: a cursor of another one is refused
 * @param select returns at most so many items that come after a key, or from the first on
 * @throws {CoppiceError} INVALID_ARGUMENT where the cursor is none of this list's
 * @throws {RangeError} where the limit is out of its range
 */
export function pageOf<Item>(
  list: string,
  { limit = LIMIT_DEFAULT, cursor }: PageQuery,
  keyOf: (item: Item) => SortKey,
  select: (after: SortKey | undefined, count: number) => readonly Item[],
): Page<Item> {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new RangeError(`Cannot list ${limit} items: give a whole number from 1 to ${LIMIT_MAX}`);
  const after = cursor === undefined ? undefined : decodeCursor(list, cursor);
  const found = select(after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || found.length <= limit) return { items };
  return { items, cursor: encodeCursor(list, keyOf(last)) };
}

function encodeCursor(list: string, key: SortKey): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString("base64url");
}

function decodeCursor(list: string, cursor: string): SortKey {
  try {
    const [name, ...key] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    const isKey = key.every((each) => typeof each === "string" || typeof each === "number");
    if (name === list && isKey) return key as SortKey;
  } catch {
    // As one of another list.
  }
  throw new CoppiceError(
    "INVALID_ARGUMENT",
    `Cannot go on listing ${list}: the cursor is none of this list, begin without one`,
  );
}
