/** Blocks that fill an eighth to eight eighths of a column. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"] as const;

/**
 * Returns a horizontal bar, to an eighth of a column; what is not zero is never invisible.
 *
 * @param share of the full width, 0 to 1
 * @param width in columns
 */
export function formatBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const shown = share > 0 ? Math.max(1, eighths) : 0;
  return `${"█".repeat(Math.floor(shown / 8))}${EIGHTHS[shown % 8]}`;
}
