/** `warning`: it works, with a limit. `failed`: it does not work. */
export type CheckStatus = "ok" | "warning" | "failed";

/** What one look at the machine or the store found. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, without full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}
