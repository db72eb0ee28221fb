import { Command } from "commander";
import type { RepairReport } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { repairJson } from "../json/repair-json.js";
import { collect } from "../options.js";
import { describeRepair } from "../output/describe-repair.js";

interface RepairCommandOptions {
  readonly from?: readonly string[];
  readonly dryRun?: boolean;
}

/** `coppice repair`: brings back what can be brought back, also where the store cannot be opened. */
export function repairCommand(): Command {
  return new Command("repair")
    .description("bring back what is damaged, from the packs and from directories")
    .option(
      "--from <directory>",
      "look for lost files here too; may be given several times",
      collect,
    )
    .option("--dry-run", "tell what would be done, and change nothing")
    .action(action(repair));
}

async function repair(invocation: Invocation, options: RepairCommandOptions): Promise<number> {
  const { output } = invocation;
  const directory = invocation.requireStoreDirectory();
  const { repairStore } = await import("../../maintain/repair/repair-store.js");
  const report = await invocation.runLong((long) =>
    repairStore(directory, { ...options, ...long }),
  );
  if (output.isJson) await output.printJson(repairJson(report));
  else await output.print(...describeRepair(report, output.style));
  return isWholeAfter(report) ? EXIT.ok : EXIT.failed;
}

/** Whether nothing is lost; a dry run would still store what it found. */
function isWholeAfter({ dryRun, lost, missing, chunksHealed }: RepairReport): boolean {
  return lost.length === 0 && missing.count <= (dryRun ? chunksHealed : 0);
}
