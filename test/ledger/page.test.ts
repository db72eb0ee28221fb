/**
 * Pages of long lists.
 */
import { expect, test } from "vitest";
import type { SortKey } from "#dist/ledger/page.js";
import { pageOf } from "#dist/ledger/page.js";

/** A list of numbers, largest first, that anyone may add to meanwhile. */
function listOf(numbers: readonly number[]) {
  const items = [...numbers].sort((a, b) => b - a);
  const select = (after: SortKey | undefined, count: number) =>
    items.filter((each) => after === undefined || each < Number(after[0])).slice(0, count);
  return {
    add: (item: number) => items.push(item) && items.sort((a, b) => b - a),
    remove: (item: number) => items.splice(items.indexOf(item), 1),
    page: (cursor: string | undefined, limit: number) =>
      pageOf(
        "numbers",
        { limit, ...(cursor !== undefined && { cursor }) },
        (item) => [item],
        select,
      ),
  };
}

test("pages together are the list, and the last one has no cursor", () => {
  const list = listOf([1, 2, 3, 4, 5, 6]);
  const first = list.page(undefined, 4);
  const second = list.page(first.cursor, 4);
  expect([first.items, second]).toEqual([[6, 5, 4, 3], { items: [2, 1] }]);
  expect(list.page(undefined, 6)).toEqual({ items: [6, 5, 4, 3, 2, 1] });
});

test("what comes and goes between two pages neither repeats nor hides an item", () => {
  const list = listOf([10, 20, 30, 40]);
  const first = list.page(undefined, 2);
  list.add(50);
  list.add(25);
  list.remove(30);
  expect([...first.items, ...list.page(first.cursor, 10).items]).toEqual([40, 30, 25, 20, 10]);
});

test("a cursor of another list, or none at all, is refused", () => {
  const other = pageOf(
    "letters",
    { limit: 1 },
    (item) => [item],
    () => ["b", "a"],
  ).cursor;
  for (const cursor of [other, "", "?", Buffer.from("[]").toString("base64url")])
    expect(() => listOf([1]).page(cursor, 1)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
});

test("a page has 1 to 1,000 items", () => {
  for (const limit of [0, -1, 1.5, 1_001, Number.NaN])
    expect(() => listOf([1]).page(undefined, limit)).toThrow(RangeError);
});
