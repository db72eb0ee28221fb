/**
 * Hide secrets: what a setup writes, without the secrets that it was given: its output is stored.
 */

/** Stands in place of a secret. */
const HIDDEN = Buffer.from("***");

/**
 * Returns what takes bytes as they come and hands them on without secrets. Bytes that a secret may begin with are held back
 * until more come, or `undefined`: the end.
 */
export function hideSecrets(
  secrets: readonly string[],
  handOn: (bytes: Buffer) => void,
): (bytes: Buffer | undefined) => void {
  // The longest first: one may be the beginning of another.
  const hidden = secrets
    .filter((secret) => secret !== "")
    .map((secret) => Buffer.from(secret))
    .sort((a, b) => b.length - a.length);
  const longest = hidden[0]?.length ?? 0;
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    let rest = bytes === undefined ? held : Buffer.concat([held, bytes]);
    const clean: Buffer[] = [];
    for (let found = firstOf(hidden, rest); found !== undefined; found = firstOf(hidden, rest)) {
      clean.push(rest.subarray(0, found.index), HIDDEN);
      rest = rest.subarray(found.index + found.length);
    }
    const keep = bytes === undefined ? 0 : Math.min(rest.length, Math.max(0, longest - 1));
    clean.push(rest.subarray(0, rest.length - keep));
    held = Buffer.from(rest.subarray(rest.length - keep));
    const all = Buffer.concat(clean);
    if (all.length > 0) handOn(all);
  };
}

function firstOf(hidden: readonly Buffer[], bytes: Buffer) {
  let first: { readonly index: number; readonly length: number } | undefined;
  for (const secret of hidden) {
    const index = bytes.indexOf(secret);
    if (index >= 0 && (first === undefined || index < first.index))
      first = { index, length: secret.length };
  }
  return first;
}
