/**
 * How a path or a name reaches a system call. The kernel takes bytes that end in a zero byte;
 * a JavaScript string or a Buffer may hold a zero byte in the middle, which would
 * silently name another file, so all are checked here and nowhere else.
 */

/** A path for the kernel: text, or the bytes of a name that is not UTF-8. */
export type SystemPath = string | Buffer;

/**
 * PATH_MAX of Linux (linux/limits.h), which counts the closing zero byte. A longer path is passed
 * on all the same, so that the kernel answers ENAMETOOLONG.
 */
const PATH_SIZE_MAX = 4096;

const pathScratch = Buffer.allocUnsafeSlow(PATH_SIZE_MAX);

/**
 * Returns `path` in the form that a `const char *` parameter takes: a string as it is (koffi
 * encodes and closes it), bytes with a zero byte behind them.
 *
 * Bytes are copied into a buffer that the next call of this function reuses.
 * Cost: about 0.3 µs for bytes, 0.02 µs for a string.
 *
 * @throws {TypeError} when the path holds a zero byte.
 */
export function systemPath(path: SystemPath): SystemPath {
  if (typeof path !== "string") {
    return zeroTerminated(path, pathScratch);
  }
  if (path.includes("\0")) {
    throw zeroByteError(path);
  }
  return path;
}

/**
 * Returns `bytes` with a zero byte behind them: copied into `scratch` if they fit, else into a new
 * buffer.
 *
 * @throws {TypeError} when the bytes hold a zero byte.
 */
export function zeroTerminated(bytes: Buffer, scratch: Buffer): Buffer {
  if (bytes.includes(0)) {
    throw zeroByteError(bytes.toString());
  }
  const target = bytes.length < scratch.length ? scratch : Buffer.allocUnsafe(bytes.length + 1);
  target.set(bytes);
  target[bytes.length] = 0;
  return target;
}

function zeroByteError(name: string): TypeError {
  return new TypeError(
    `Cannot pass ${JSON.stringify(name)} to the system: it holds a zero byte, remove it`,
  );
}
