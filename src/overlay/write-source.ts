/**
 * Write source: a file's content from whatever yields it, piece by piece where it comes so.
 */

import type { Source, WriteSourceOptions } from "./file-options.js";
import { bytesOf, optionsOf } from "./posix/check-arguments.js";
import type { PathLike } from "./posix/path-bytes.js";
import { stopIfAborted } from "./stop-if-aborted.js";
import type { SyncFiles } from "./sync-files.js";

/**
 * Writes a file, as fs.promises.writeFile.
 *
 * @param place a path, or the number of an open file, which is written to where its last call ended
 * @param flag how a path is opened unless the options tell
 */
export async function writeSource(
  files: SyncFiles,
  place: PathLike | number,
  data: Source,
  options: WriteSourceOptions | BufferEncoding | null | undefined,
  flag: "w" | "a",
): Promise<void> {
  const given = optionsOf<WriteSourceOptions>(options);
  stopIfAborted(given);
  if (!isPieces(data)) {
    files.writeFileSync(place, data, { ...given, flag: given.flag ?? flag });
    return;
  }
  const isOpen = typeof place === "number";
  const file = isOpen ? place : files.openSync(place, given.flag ?? flag, given.mode);
  try {
    for await (const piece of data) {
      stopIfAborted(given);
      files.writeSync(file, bytesOf(piece, given.encoding));
    }
  } finally {
    if (!isOpen) files.closeSync(file);
  }
}

type Pieces = Extract<Source, Iterable<unknown> | AsyncIterable<unknown>>;

function isPieces(data: Source): data is Exclude<Pieces, string | NodeJS.ArrayBufferView> {
  return (
    typeof data === "object" &&
    data !== null &&
    !ArrayBuffer.isView(data) &&
    (Symbol.asyncIterator in data || Symbol.iterator in data)
  );
}
