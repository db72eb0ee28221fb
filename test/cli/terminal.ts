import { type RunResult, run } from "../support/run.js";
import { MAIN } from "./coppice.js";

/** Quotes an argument for a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Runs `coppice` in a terminal of its own, which script(1) of util-linux makes; it shows what standard
 * output and standard error get, one after the other.
 */
export function coppiceInTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  // Node shows no colours where `CI` is set, which says nothing of the terminal.
  const command = ["env", "-u", "CI", process.execPath, MAIN, ...args].map(quote).join(" ");
  return run("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { TERM: "xterm-256color", COPPICE_STORE: "", ...env },
    allowFailure: true,
  });
}
