/**
 * Use sandbox: the sandbox that a command is about. References to secrets are what the command line can look up itself.
 */
import { readFileSync } from "node:fs";
import type { Sandbox } from "../../../index.js";
import { explainSystemError } from "../../../model/system-failure.js";
import type { Invocation } from "../../invocation.js";

/** Opens the store and returns the sandbox of an id or a name. */
export async function useSandbox(invocation: Invocation, key: string): Promise<Sandbox> {
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  return Sandbox.get(store, key, { resolveSecret });
}

/** `env:NAME` is a variable of this process, `file:PATH` the first line of a file. */
function resolveSecret(reference: string): string | undefined {
  const [, kind, rest] = /^(env|file):(.+)$/s.exec(reference) ?? [];
  if (kind === "env") return process.env[rest!];
  if (kind !== "file") return undefined;
  try {
    return readFileSync(rest!, "utf8").split("\n", 1)[0];
  } catch (error) {
    throw explainSystemError(error, `read secret ${rest}`);
  }
}
