import { Command } from "commander";
import type { RetentionPolicy } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import {
  addPolicyOptions,
  describePolicy,
  type PolicyOptions,
  policyOf,
} from "../policy-options.js";
import { UsageError } from "../usage-error.js";

interface RetentionOptions extends PolicyOptions {
  readonly none?: boolean;
  readonly dryRun?: boolean;
}

/** `coppice retention`: shows or sets the policy of a store. */
export function retentionCommand(): Command {
  const command = new Command("retention").description(
    "show the store's retention policy, or set another one in its place",
  );
  return addPolicyOptions(command)
    .option("--none", "end the policy")
    .option("--dry-run", "show what it would be and change nothing")
    .action(action(retention));
}

async function retention(invocation: Invocation, options: RetentionOptions): Promise<undefined> {
  const { output } = invocation;
  const wanted = wantedPolicy(options);
  const store = await invocation.openStore();
  const policy =
    wanted === undefined
      ? await store.retention()
      : options.dryRun === true
        ? wanted
        : await store.retention(wanted);
  if (output.isJson) await output.printJson({ policy });
  else {
    const lines = describePolicy(policy);
    await output.print(...(lines.length === 0 ? ["There is no policy"] : lines));
  }
}

function wantedPolicy(options: RetentionOptions): RetentionPolicy | undefined {
  const given = policyOf(options);
  if (options.none !== true) return given;
  if (given === undefined) return {};
  throw new UsageError("Cannot both set and end the policy: leave out --none or the others");
}
