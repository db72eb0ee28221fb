/**
 * Gunzip: gzip's members, one after the other, by node:zlib, in its threads: one piece is expanded while another is read.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** Bytes of the pieces that come out: many entries of an archive. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Yields what gzip's members expand to. What is behind the last one must be zeros.
 *
 * @param damaged returns the error for what is no gzip
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  damaged: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array, void> {
  const expand = createGunzip({ chunkSize: PIECE_BYTES });
  let failure: { readonly error: unknown } | undefined;
  // What the source fails with, and what zlib does, come by the same way: only the latter's code says what it is.
  const fed = pipeline(Readable.from(source, { objectMode: false }), expand).catch((error) => {
    failure = { error };
  });
  try {
    yield* expand as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw isOfZlib(error) ? damaged(error) : error;
  } finally {
    expand.destroy();
    await fed;
  }
  if (failure !== undefined) throw failure.error;
}

function isOfZlib(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith("Z_");
}
