import { formatCount } from "./format-count.js";

/**
 * Returns a count with its noun, such as `1 entry` or `85,679 entries`.
 *
 * @param plural for nouns whose plural is not made with "s"
 */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}
