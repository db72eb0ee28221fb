/**
 * Target directory: the directories that a restore writes into, each reached from the one above through
 * its descriptor and never through a symbolic link, whatever is put in a path's place meanwhile.
 *
 * Holds the descriptors from the root down to the directory entered last: consecutive directories of a
 * walk share most of theirs.
 */
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { joinPath, nameFromBytes } from "../scan/source-directory.js";
import type { SystemPath } from "../system/system-path.js";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const hasDescriptorPaths = existsSync("/proc/self/fd");

interface Level {
  readonly name: Buffer;
  readonly descriptor: number;
  readonly path: SystemPath;
}

export class TargetDirectories {
  readonly #root: Level;
  readonly #levels: Level[] = [];

  /** @param root an existing directory; may be reached through symbolic links */
  constructor(root: string) {
    const descriptor = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
    this.#root = {
      name: Buffer.alloc(0),
      descriptor,
      path: hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : root,
    };
  }

  /**
   * Returns a path for system calls by which a directory is reached until the next call.
   *
   * @param names from the root down
   * @throws {NodeJS.ErrnoException} ENOENT; ENOTDIR or ELOOP where something else stands in its place
   */
  enter(names: readonly Buffer[]): SystemPath {
    let depth = 0;
    while (
      depth < this.#levels.length &&
      depth < names.length &&
      this.#levels[depth]?.name.equals(names[depth] as Buffer)
    )
      depth++;
    this.#leave(depth);
    for (const name of names.slice(depth)) {
      const path = joinPath(this.#current, nameFromBytes(name));
      const descriptor = openSync(path, FLAGS);
      this.#levels.push({
        name,
        descriptor,
        path: hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : path,
      });
    }
    return this.#current;
  }

  /** Returns the descriptor of the directory entered last. */
  get descriptor(): number {
    return (this.#levels.at(-1) ?? this.#root).descriptor;
  }

  close(): void {
    this.#leave(0);
    closeSync(this.#root.descriptor);
  }

  get #current(): SystemPath {
    return (this.#levels.at(-1) ?? this.#root).path;
  }

  #leave(depth: number): void {
    for (const level of this.#levels.splice(depth)) closeSync(level.descriptor);
  }
}
