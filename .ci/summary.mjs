// Prints "N passed, N failed, N skipped" from a report of Vitest's JSON reporter.
//
// usage: node .ci/summary.mjs <report.json>
//
// The exit code is 1 if anything failed. A file that could not be loaded counts as one failure, and
// so does a missing report: the run ended before its tests did.
import { readFileSync } from "node:fs";

const { passed, failed, skipped } = count(process.argv[2]);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function count(reportFile) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch (error) {
    console.error(`Cannot read the test report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const brokenFiles = report.testResults.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
