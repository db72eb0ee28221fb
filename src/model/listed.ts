/**
 * Names in messages.
 */

/** Names at most three of several. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "another process";
  const rest = names.length - 3;
  return names.slice(0, 3).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
