/**
 * Posted: a message as the other thread gets it. A structured clone makes plain bytes of a Buffer, whose
 * `toString` gives numbers and whose `slice` copies; the type keeps them from being taken for one.
 */
import type { SystemPath } from "../system/system-path.js";

/** What becomes of a message on its way to another thread. */
export type Posted<T> = T extends Buffer
  ? Uint8Array
  : T extends ArrayBufferView | ArrayBufferLike
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Posted<K>, Posted<V>>
      : T extends object
        ? { [key in keyof T]: Posted<T[key]> }
        : T;

/** Returns a view of bytes that came from another thread. */
export function receivedBytes(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Returns a path that came from another thread. */
export function receivedPath(path: Posted<SystemPath>): SystemPath {
  return typeof path === "string" ? path : receivedBytes(path);
}
