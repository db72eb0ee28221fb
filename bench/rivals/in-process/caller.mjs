/**
 * The interface behind which file systems in memory stand: that of Coppice's overlays and those of others. A method that a
 * file system has no counterpart of is absent, and is not measured then.
 */

/**
 * Calls that return promises.
 * @typedef {object} Files
 * @property {(path: string) => Promise<Uint8Array>} readFile
 * @property {(path: string, bytes: Buffer) => Promise<unknown>} writeFile
 * @property {(path: string) => Promise<unknown>} stat
 * @property {(path: string) => Promise<readonly unknown[]>} readdir
 * @property {(from: string, to: string) => Promise<unknown>} rename
 * @property {(path: string) => Promise<unknown>} unlink
 */

/**
 * The same calls, synchronous.
 * @typedef {object} SyncFiles
 * @property {(path: string) => Uint8Array} readFile
 * @property {(path: string, bytes: Buffer) => unknown} writeFile
 * @property {(path: string) => unknown} stat
 * @property {(path: string) => readonly unknown[]} readdir
 * @property {(from: string, to: string) => unknown} rename
 * @property {(path: string) => unknown} unlink
 */

/**
 * One file system that holds the tree.
 * @typedef {object} Caller
 * @property {Files} files
 * @property {SyncFiles} [sync]
 * @property {() => Caller} [fork] another one that holds the same, and that goes its own way
 * @property {() => unknown} [snapshot] what is in it now becomes a state that stays
 * @property {() => Promise<(path: string) => Promise<Uint8Array>>} [verifySnapshot] takes one, and returns what reads it
 * @property {() => unknown} close
 */

/**
 * @typedef {object} CallerOptions
 * @property {string} directory an empty one at first, and the same one for all processes of a rival and a tree
 * @property {number} count how many files the tree has
 */

/** @typedef {(options: CallerOptions) => Promise<Caller>} MakeCaller */

export {};
