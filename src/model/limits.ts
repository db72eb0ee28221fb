/**
 * Bounds on what is read from outside, in one place. Whatever is larger is damage or malice.
 */

/** Bytes of one name: file systems allow 255, some (APFS) 255 characters of up to 3 bytes. */
export const NAME_BYTES_MAX = 1024;

/** Bytes of a symbolic link's target: the kernel's PATH_MAX, 4,096, counts the final NUL. */
export const SYMLINK_BYTES_MAX = 65_535;

/** Bytes of one stored chunk: the largest content chunk (see chunk/FORMAT.md) and metadata objects stay far below. */
export const CHUNK_BYTES_MAX = 64 * 1024 * 1024;

/** Levels of a tree or chunk list: with 2 children a node this is more than any file or directory can need. */
export const LEVELS_MAX = 64;

/** How many paths each list in a report holds; the counts go on. */
export const REPORT_LIST_MAX = 1_000;
