import { Command, InvalidArgumentError } from "commander";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { verifyJson } from "../json/verify-json.js";
import { describeVerify } from "../output/describe-verify.js";
import { pastTime } from "../quantities.js";

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
