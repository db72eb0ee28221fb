import type { Page, PageQuery } from "../../../index.js";

/** The most that a page may have. */
const LIMIT = 1_000;

/** Returns the items of all pages of a list. */
export async function allItems<Item>(
  pageOf: (query: PageQuery) => Promise<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await pageOf({
      limit: LIMIT,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}
