/** A call: its name, then its parameters. */
export type FileCall = readonly [name: string, ...parameters: unknown[]];

/** What came of a call, as values that can be compared and sent. */
export type Outcome = { readonly value: unknown } | { readonly error: object };

/** Makes calls of node:fs/promises that are given as data. */
export class FileCalls {
  /** @param files an overlay, or node:fs/promises */
  constructor(files: object);
  call(call: FileCall): Promise<Outcome>;
  close(): Promise<void>;
}
