import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Lists at the end every skipped test with its reason, and fails the run when one gives none: a test
 * that is left out in silence is one that nobody misses.
 */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const reason = reasonOf(test);
        console.log(
          `Skipped: ${module.relativeModuleId} > ${test.fullName}: ${reason ?? "no reason given"}`,
        );
        if (reason === undefined) process.exitCode = 1;
      }
    }
  }
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}
