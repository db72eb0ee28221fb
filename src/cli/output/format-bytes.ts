const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/**
 * Returns a size for people: decimal units and three figures, such as `695 MB` or `1.24 kB`.
 *
 * @param bytes may be negative
 */
export function formatBytes(bytes: number): string {
  let amount = Math.abs(bytes);
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? "−" : ""}${amount.toFixed(digits)} ${UNITS[unit]}`;
}
