import { Command } from "commander";
import type { TreePath } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { eraseReportJson } from "../json/erase-json.js";
import { collect, escapedOption } from "../options.js";
import { describeErasure } from "../output/describe-erasure.js";
import { treePathArgument } from "../tree-path-argument.js";
import { UsageError } from "../usage-error.js";

interface EraseCommandOptions {
  readonly digest?: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly escaped?: boolean;
}

/** `coppice erase`: takes content out of every snapshot, for good. */
export function eraseCommand(): Command {
  return new Command("erase")
    .description("take content out of every snapshot and its bytes out of the store, for good")
    .argument("[path...]", "what to erase wherever it stands, relative to snapshots' roots")
    .option(
      "-d, --digest <digest>",
      "erase files with these bytes, as sha256sum or ls --json tell it; may be given several times",
      collect,
    )
    .option("--dry-run", "tell what would go, and change nothing")
    .option("--yes", "do it: there is no way back")
    .addOption(escapedOption())
    .action(action(erase));
}

async function erase(
  invocation: Invocation,
  given: readonly string[],
  options: EraseCommandOptions,
): Promise<number> {
  const { output } = invocation;
  const { digest: digests = [], dryRun = false, yes = false, escaped } = options;
  const paths: TreePath[] = given.map((path) => treePathArgument(path, escaped));
  if (paths.length + digests.length === 0)
    throw new UsageError("Cannot erase: give a path, or --digest");
  if (!dryRun && !yes)
    throw new UsageError(
      "Cannot erase without being sure: there is no way back, look with --dry-run and then give --yes",
    );
  const store = await invocation.openStore();
  const report = await invocation.runLong((long) =>
    store.erase({ ...long, paths, digests: digests.map(withPrefix), dryRun }),
  );
  if (output.isJson) await output.printJson(eraseReportJson(report));
  else {
    await output.print(...describeErasure(report, output.style));
    for (const remark of report.remarks) output.remark(remark);
    for (const { place, reason } of report.remaining)
      output.remark(`${place} may still have something: ${reason}; erase again`);
  }
  return report.remaining.length > 0 ? EXIT.failed : EXIT.ok;
}

function withPrefix(digest: string): string {
  return digest.startsWith("sha256:") ? digest : `sha256:${digest}`;
}
