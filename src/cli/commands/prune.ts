import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { pruneJson } from "../json/prune-json.js";
import { describePrune } from "../output/describe-prune.js";
import { addPolicyOptions, type PolicyOptions, policyOf } from "../policy-options.js";

interface PruneCommandOptions extends PolicyOptions {
  readonly dryRun?: boolean;
}

/** `coppice prune`: removes what a policy says goes. */
export function pruneCommand(): Command {
  const command = new Command("prune").description(
    "remove the snapshots that a policy says go, and free what only they needed; unless told, by the store's policy",
  );
  return addPolicyOptions(command)
    .option("--dry-run", "tell what would go and why, and change nothing")
    .action(action(prune));
}

async function prune(invocation: Invocation, options: PruneCommandOptions): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const report = await invocation.runLong((long) =>
    store.prune(policyOf(options), { ...long, dryRun: options.dryRun === true }),
  );
  if (output.isJson) {
    await output.printJson(pruneJson(report));
    return;
  }
  await output.print(...describePrune(report, output.style));
  for (const remark of report.gc?.remarks ?? []) output.remark(remark);
  if (report.overLimit !== undefined) output.remark(report.overLimit);
}
