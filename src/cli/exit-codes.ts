/** What the exit code tells; the README documents them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** `diff --exit-code` found differences. */
  different: 3,
  /** `apply` or `merge` met conflicts, and wrote nothing. */
  conflict: 4,
  /** Added to the number of the signal that ended the command, as shells do. */
  signal: 128,
  /** Nobody read the output to its end: 128 and SIGPIPE, which Node.js ignores. */
  brokenPipe: 141,
} as const;
