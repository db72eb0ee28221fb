import { type TestContext, test } from "vitest";
import { type CapabilityName, capability, parseCapabilities } from "./capability.js";

/**
 * The capabilities that no test may be skipped for, as in `COPPICE_REQUIRE=koffi,root`: on a machine
 * that is known to have them, a skipped test is a hole in the net.
 */
const required = parseCapabilities(process.env.COPPICE_REQUIRE ?? "");

/**
 * Declares a test that needs capabilities of the machine. Where one is missing the test is skipped
 * and says why; if `COPPICE_REQUIRE` names that capability, the test fails instead.
 *
 * @example
 * testIf(["root", "devices"], "restore() makes device nodes", async () => { ... });
 */
export function testIf(
  needs: CapabilityName | readonly CapabilityName[],
  name: string,
  body: (context: TestContext) => unknown,
): void {
  test(name, async (context) => {
    for (const need of [needs].flat()) demand(need, context);
    await body(context);
  });
}

/**
 * Ends the running test as skipped when the capability is missing.
 *
 * @param mandatory - The capabilities for which it fails instead; those of `COPPICE_REQUIRE`
 *   unless told.
 * @throws {Error} when the capability is missing and mandatory.
 */
export function demand(
  need: CapabilityName,
  context: Pick<TestContext, "skip">,
  mandatory: readonly CapabilityName[] = required,
): void {
  const { available, reason } = capability(need);
  if (available) return;
  if (mandatory.includes(need)) {
    throw new Error(`Cannot skip this test: ${need} is required, but ${reason}`);
  }
  context.skip(`needs ${need}: ${reason}`);
}
