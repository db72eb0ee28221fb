/**
 * Boot id: tells whether the machine was started anew.
 */
import { readFileSync } from "node:fs";

/** random(4): made once at boot, and the same in all containers on one kernel. */
const FILE = "/proc/sys/kernel/random/boot_id";

let known: { readonly id: string | undefined } | undefined;

/** Returns what names the time since the machine was started, or `undefined` where the system does not tell. */
export function bootId(): string | undefined {
  known ??= { id: read() };
  return known.id;
}

function read(): string | undefined {
  try {
    return readFileSync(FILE, "latin1").trim() || undefined;
  } catch {
    // No Linux, or no /proc.
    return undefined;
  }
}
