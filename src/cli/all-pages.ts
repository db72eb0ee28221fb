/**
 * All pages: a whole list.
 */
import type { Page, PageQuery } from "../index.js";

const PAGE_ITEMS = 1_000;

/**
 * Returns the items of all pages of a list.
 *
 * @param limit at most so many
 */
export async function allPages<Item>(
  list: (query: PageQuery) => Promise<Page<Item>>,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({
      limit: Math.min(PAGE_ITEMS, limit - found.length),
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== undefined && found.length < limit);
  return found;
}
