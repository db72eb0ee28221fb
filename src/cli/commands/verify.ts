import { Command, InvalidArgumentError } from "commander";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { verifyJson } from "../json/verify-json.js";
import { describeVerify } from "../output/describe-verify.js";

interface VerifyCommandOptions {
  readonly deep?: boolean;
  readonly sample?: number;
  readonly since?: Date;
}

/** `coppice verify`: looks whether the store is as it should be. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("look whether all that is stored is as it should be")
    .option("--deep", "compute SHA-256 of everything, beside the checksums")
    .option(
      "--sample <share>",
      "look at this share of it, as 0.1 or 10%, the longest ago first",
      share,
    )
    .option(
      "--since <time>",
      "leave out what was checked since then, as 2026-01-31 or 7d",
      pastTime,
    )
    .action(action(verify));
}

async function verify(invocation: Invocation, options: VerifyCommandOptions): Promise<number> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const report = await invocation.runLong((long) => store.verify({ ...options, ...long }));
  if (output.isJson) await output.printJson(verifyJson(report));
  else await output.print(...describeVerify(report, output.style));
  return report.ok ? EXIT.ok : EXIT.failed;
}

function share(text: string): number {
  const match = /^(\d*\.?\d+)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("Give a share above 0 and at most 1, as 0.1 or 10%.");
}

/** Milliseconds of the units in which people say how long ago something was. */
const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

function pastTime(text: string): Date {
  const [, count, unit = ""] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const time = new Date(
    count === undefined ? text : Date.now() - Number(count) * (UNITS[unit] ?? 0),
  );
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    "Give a time, as 2026-01-31 or 2026-01-31T12:00, or how long ago: 30m, 12h, 7d, 2w.",
  );
}
