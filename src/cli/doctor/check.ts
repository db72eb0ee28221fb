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

/** Returns what a look finds; one that fails has found that it cannot be done. */
export function attempt(name: string, look: () => Check, remedy: string): Check {
  try {
    return look();
  } catch (error) {
    return { name, status: "failed", message: firstLine(error), remedy };
  }
}

/** Returns what an error says, without a stack or a list of paths that were tried. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
