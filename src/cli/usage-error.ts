/** The command line was not understood or lacks something; the message is for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
