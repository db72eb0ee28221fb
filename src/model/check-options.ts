/**
 * Checks of what callers pass: misuse is a `RangeError` or `TypeError`, before anything is done.
 */

/** More threads than this only wait for one another. */
const WORKERS_MAX = 64;
/** Far more than the kernel has mounts for (sysctl fs.mount-max). */
const COUNT_MAX = 100_000;
const NAME_CHARACTERS_MAX = 255;
/** What a shell takes for the name of a variable: others would be lost on the way. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws {RangeError} unless it is absent or a whole number from 0 to 64 */
export function checkWorkers(workers: number | undefined): void {
  if (workers === undefined) return;
  if (Number.isInteger(workers) && workers >= 0 && workers <= WORKERS_MAX) return;
  throw new RangeError(
    `Cannot use ${workers} workers: give a whole number from 0 to ${WORKERS_MAX}`,
  );
}

/** @throws {RangeError} unless it is a whole number from 0 to 100,000 */
export function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 0 && count <= COUNT_MAX) return;
  throw new RangeError(`Cannot make ${count}: give a whole number from 0 to ${COUNT_MAX}`);
}

/** @throws {TypeError} unless it is absent or one of some words */
export function checkWord(
  option: string,
  value: string | undefined,
  words: readonly string[],
): void {
  if (value === undefined || words.includes(value)) return;
  throw new TypeError(`Cannot use ${option} ${JSON.stringify(value)}: give ${words.join(" or ")}`);
}

/** @throws {TypeError} unless it is absent or a name: 1 to 255 characters without control characters */
export function checkName(name: string | undefined): void {
  checkText("name", name);
}

/** @throws {TypeError} unless it is absent or 1 to 255 characters without control characters */
export function checkNote(note: string | undefined): void {
  checkText("note", note);
}

function checkText(option: string, text: string | undefined): void {
  if (text === undefined) return;
  const isText = text.length > 0 && text.length <= NAME_CHARACTERS_MAX && !/\p{Cc}/u.test(text);
  if (!isText) {
    throw new TypeError(
      `Cannot use ${option} ${JSON.stringify(text)}: give 1 to ${NAME_CHARACTERS_MAX} characters without control characters`,
    );
  }
}

/** @throws {TypeError} unless they are absent or texts by name */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (typeof value !== "string")
      throw new TypeError(
        `Cannot use label ${JSON.stringify(key)}: give a text, not ${typeof value}`,
      );
  }
}

/** @throws {TypeError} unless they are absent or texts by names of variables */
export function checkVariables(
  option: string,
  variables: Readonly<Record<string, string | undefined>> | undefined,
): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    if (!VARIABLE.test(name))
      throw new TypeError(
        `Cannot use ${option}: ${JSON.stringify(name)} is no name of a variable, give letters, digits and underscores`,
      );
    if (value !== undefined && (typeof value !== "string" || value.includes("\0")))
      throw new TypeError(`Cannot use ${option}: the value of ${name} is no text without NUL`);
  }
}
