/**
 * Returns a time in the local zone to the minute, such as `2026-01-05 12:34`. What lies beyond the
 * range of `Date` (270,000 years around 1970) is told in seconds, such as `@9000000000000`.
 *
 * @param nanoseconds since 1970, may be negative
 */
export function formatTime(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  if (Number.isNaN(date.getTime())) return `@${nanoseconds / 1_000_000_000n}`;
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
