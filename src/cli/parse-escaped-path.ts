import { UsageError } from "./usage-error.js";

const ESCAPE = /\\(?:x([0-9a-f]{2})|(\\)|)/giu;

/**
 * Returns the bytes of a path that is written as listings show it, with `\xNN` and `\\`.
 *
 * @throws {UsageError} when a backslash is followed by something else
 */
export function parseEscapedPath(path: string): Buffer {
  const pieces: Buffer[] = [];
  let end = 0;
  for (const match of path.matchAll(ESCAPE)) {
    const [all, hex, backslash] = match;
    if (hex === undefined && backslash === undefined) {
      throw new UsageError(
        `Cannot read path ${JSON.stringify(path)}: with --escaped a backslash is followed by xNN or another backslash`,
      );
    }
    pieces.push(
      Buffer.from(path.slice(end, match.index)),
      hex === undefined ? Buffer.from("\\") : Buffer.from(hex, "hex"),
    );
    end = match.index + all.length;
  }
  pieces.push(Buffer.from(path.slice(end)));
  return Buffer.concat(pieces);
}
