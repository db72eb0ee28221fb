/**
 * What measure-calls.mjs measures: the calls of one tool in the process that is running. Only `fork`, `forkMany`,
 * `snapshot` and `rollback` are timed.
 */

/** @typedef {import("../rival.mjs").Durability} Durability */

/**
 * @typedef {object} Caller
 * @property {(target: string) => void} [ready] makes what has to be there before a fork
 * @property {(target: string) => void | Promise<void>} fork makes `target` a writable copy of "base"
 * @property {(prefix: string, count: number) => Promise<void>} [forkMany] makes `prefix-1` and so on; by default
 *   forks one after the other
 * @property {(target: string, label: string, durability: Durability) => void | Promise<void>} [snapshot]
 * @property {(target: string, label: string) => void | Promise<void>} [snapshotUnchanged] by default `snapshot`, relaxed
 * @property {(label: string, path: string) => Promise<Buffer>} [readBack] reads a file of a snapshot
 * @property {(target: string) => void} [readyToRollback] makes what has to be there before
 * @property {(target: string) => void | Promise<void>} rollback to the last snapshot, or "base"
 * @property {(target: string) => void | Promise<void>} discard
 * @property {() => void | Promise<void>} close discards what is left
 */

/**
 * @typedef {object} CallerPlace
 * @property {string} repository
 * @property {string} directory an empty one, in which the targets lie
 */
