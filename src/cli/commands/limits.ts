import { Command } from "commander";
import type { RegistryLimits } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { wholeNumber } from "../options.js";
import { formatBytes } from "../output/format-bytes.js";
import { durationArgument, durationText, sizeArgument } from "../quantities.js";
import { UsageError } from "../usage-error.js";

interface LimitsOptions {
  readonly maxSize?: number;
  readonly maxVersions?: number;
  readonly keepWithin?: number;
  readonly none?: boolean;
}

/** `coppice limits`: shows or sets how large bundles may be and how many versions stay. */
export function limitsCommand(): Command {
  return new Command("limits")
    .description("show the limits for agents, or set others in their place")
    .option("--max-size <size>", "the largest bundle, as 100MB", sizeArgument)
    .option(
      "--max-versions <count>",
      "so many versions of an agent stay, and those with a tag",
      wholeNumber(1),
    )
    .option(
      "--keep-within <duration>",
      "versions younger than this stay, as 90d, and those with a tag",
      durationArgument,
    )
    .option("--none", "end the limits")
    .action(action(limits));
}

async function limits(
  invocation: Invocation,
  { maxSize, none = false, ...others }: LimitsOptions,
): Promise<undefined> {
  const { output } = invocation;
  const wanted: RegistryLimits = {
    ...others,
    ...(maxSize !== undefined && { maxSizeBytes: maxSize }),
  };
  const isSet = Object.keys(wanted).length > 0;
  if (none && isSet)
    throw new UsageError("Cannot both set and end the limits: leave out --none or the others");
  const { registry } = await invocation.openWholeStore();
  const now = none || isSet ? await registry.limits(wanted) : await registry.limits();
  if (output.isJson) await output.printJson({ limits: now });
  else await output.print(...describeLimits(now));
}

function describeLimits({ maxSizeBytes, maxVersions, keepWithin }: RegistryLimits): string[] {
  const lines = [
    ...(maxSizeBytes === undefined
      ? []
      : [`--max-size ${formatBytes(maxSizeBytes).replace(" ", "")}`]),
    ...(maxVersions === undefined ? [] : [`--max-versions ${maxVersions}`]),
    ...(keepWithin === undefined ? [] : [`--keep-within ${durationText(keepWithin)}`]),
  ];
  return lines.length === 0 ? ["There are no limits"] : lines;
}
