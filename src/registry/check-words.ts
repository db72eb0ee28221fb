/**
 * Check words: names of agents and tags, and what else an upload is described by.
 */

import type { Entrypoint, VersionReference } from "./agent-version.js";
import { LATEST } from "./version-table.js";

/** Neither `@` nor `:` is in one: these part it from a version and a tag. */
const AGENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;
/** No number: that would be a version. */
const TAG = /^[A-Za-z_][A-Za-z0-9._-]{0,127}$/;
const ENTRYPOINT_BYTES_MAX = 64 * 1024;

/** @throws {TypeError} unless it is an agent's name */
export function checkAgentName(name: string): void {
  if (typeof name === "string" && AGENT_NAME.test(name)) return;
  throw new TypeError(
    `Cannot use agent name ${JSON.stringify(name)}: give up to 128 letters, digits and . _ / -, a letter or digit first`,
  );
}

/** @throws {TypeError} unless it is a tag that is set by hand */
export function checkTag(tag: string): void {
  if (tag === LATEST)
    throw new TypeError(`Cannot set tag latest: it moves by itself to the highest version`);
  if (typeof tag === "string" && TAG.test(tag)) return;
  throw new TypeError(
    `Cannot use tag ${JSON.stringify(tag)}: give up to 128 letters, digits and . _ -, a letter first`,
  );
}

/** @throws {TypeError} unless it names a version in one way */
export function checkReference({ name, version, tag }: VersionReference): void {
  checkAgentName(name);
  if (version !== undefined && tag !== undefined)
    throw new TypeError(`Cannot find ${name}: give a version or a tag, not both`);
  if (version !== undefined && !(Number.isSafeInteger(version) && version > 0))
    throw new RangeError(`Cannot find version ${version} of ${name}: give a whole number from 1`);
}

/** @throws {TypeError} unless it is a line or a list of words */
export function checkEntrypoint(entrypoint: Entrypoint): void {
  const words = typeof entrypoint === "string" ? [entrypoint] : entrypoint;
  const isRight =
    Array.isArray(words) &&
    words.length > 0 &&
    words[0] !== "" &&
    words.every((word) => typeof word === "string" && !word.includes("\0"));
  if (!isRight || Buffer.byteLength(words.join(" ")) > ENTRYPOINT_BYTES_MAX)
    throw new TypeError(
      `Cannot use entrypoint ${JSON.stringify(entrypoint)}: give a line for the shell, or a program and its arguments`,
    );
}
