import type { TestContext } from "vitest";
import { type SystemCalls, systemCalls } from "#dist/system/system-calls.js";

/**
 * Returns the system calls. On a system that they are not written for it ends the running test as
 * skipped, with the reason; on Linux, in a test that has koffi, being without them is a failure.
 */
export function demandSystemCalls(context: Pick<TestContext, "skip">): SystemCalls {
  const system = systemCalls();
  if (!("unavailable" in system)) return system;
  if (process.platform === "linux") throw new Error(`No system calls: ${system.unavailable}`);
  return context.skip(`needs system calls: ${system.unavailable}`);
}
