import { Command, Option } from "commander";
import type { Durability, MergeStrategy } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { mergeReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collectLabel, durabilityOption } from "../options.js";
import { remarkOnRoom } from "../output/describe-capture.js";
import { describeConflicts } from "../output/describe-conflicts.js";
import { describeMerge, describeMerging } from "../output/describe-merge.js";
import { printChanges } from "../output/print-changes.js";

interface MergeCommandOptions {
  readonly base?: string;
  readonly name?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly strategy: MergeStrategy;
  readonly plan?: boolean;
  readonly durability: Durability;
  readonly quiet?: boolean;
}

/** `coppice merge`: puts together what two snapshots changed. */
export function mergeCommand(): Command {
  return new Command("merge")
    .description("put together what two snapshots changed, as a new one")
    .argument("<ours>", "the snapshot that is merged into")
    .argument("<theirs>", "the one that is merged")
    .option("-b, --base <snapshot>", "what both come from; unless told, their common ancestor")
    .option("-n, --name <name>", "a name for the new snapshot, which no other has")
    .option("-l, --label <key=value>", "a label; may be given several times", collectLabel)
    .addOption(
      new Option("-s, --strategy <strategy>", "what becomes of what both changed")
        .choices(["fail", "ours", "theirs", "union"])
        .default("fail"),
    )
    .option("--plan", "tell what would be done, and what is in the way, and store nothing")
    .addOption(durabilityOption())
    .option("-q, --quiet", "print the id alone")
    .action(action(merge));
}

async function merge(
  invocation: Invocation,
  ours: string,
  theirs: string,
  options: MergeCommandOptions,
): Promise<number> {
  const { output } = invocation;
  const { base, name, label: labels, strategy, plan, durability } = options;
  const store = await invocation.openStore();
  const { snapshot, report } = await invocation.runLong(({ signal }) =>
    store.merge({
      ...{ ours, theirs, strategy, durability, signal, plan: plan === true },
      ...(base !== undefined && { base }),
      ...(name !== undefined && { name }),
      ...(labels !== undefined && { labels }),
    }),
  );
  if (output.isJson) {
    await output.printJson({
      snapshot: snapshot === undefined ? null : snapshotJson(snapshot),
      base: snapshotJson(report.base),
      ours: snapshotJson(report.ours),
      theirs: snapshotJson(report.theirs),
      plan: plan === true,
      report: mergeReportJson(report),
    });
  } else if (snapshot === undefined) {
    await printChanges(output, report.changes, false);
    await output.print(...describeMerging(report, output.style));
    await output.print(...describeConflicts(report.conflicts, output.style, "to be settled"));
  } else if (options.quiet === true) await output.print(snapshot.id);
  else await output.print(...describeMerge(snapshot, report, output.style));
  for (const remark of remarkOnRoom(report)) output.remark(remark);
  return report.conflicts.length > 0 ? EXIT.conflict : EXIT.ok;
}
