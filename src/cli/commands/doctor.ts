import { Command } from "commander";
import type { Check, CheckStatus } from "../doctor/check.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { escapeText } from "../output/escape-text.js";
import { formatTable } from "../output/format-table.js";
import type { Style } from "../output/style.js";

/** `coppice doctor`: checks the machine and, where one is given, the store. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check what this machine can do and, where one is given, the store")
    .action(action(doctor));
}

async function doctor(invocation: Invocation): Promise<number> {
  const { output, storeDirectory } = invocation;
  const { checkMachine } = await import("../doctor/check-machine.js");
  const machine = checkMachine();
  const store = storeDirectory === undefined ? undefined : await lookAtStore(storeDirectory);
  const canOpen = ![...machine, ...(store ?? [])].some((each) => each.status === "failed");
  const workspaces = canOpen ? await lookAtWorkspaces(storeDirectory) : undefined;
  const all = [...machine, ...(store ?? []), ...(workspaces ?? [])];
  const hasFailed = all.some((each) => each.status === "failed");
  if (output.isJson) {
    await output.printJson({
      ok: !hasFailed,
      machine,
      store: store ?? null,
      workspaces: workspaces ?? null,
    });
  } else {
    await output.print(...describe("Machine", machine, output.style));
    if (store !== undefined)
      await output.print("", ...describe(`Store ${storeDirectory}`, store, output.style));
    if (workspaces !== undefined)
      await output.print("", ...describe("Workspaces", workspaces, output.style));
  }
  return hasFailed ? EXIT.failed : EXIT.ok;
}

async function lookAtStore(directory: string): Promise<Check[]> {
  const { checkStore } = await import("../doctor/check-store.js");
  return checkStore(directory);
}

/** Opens the store: where that cannot be done, the other checks have told why. */
async function lookAtWorkspaces(directory: string | undefined): Promise<Check[]> {
  const { checkDrivers } = await import("../doctor/check-drivers.js");
  return checkDrivers(directory);
}

const LOOKS = {
  ok: { sign: "✔", format: "green" },
  warning: { sign: "!", format: "yellow" },
  failed: { sign: "✘", format: "red" },
} as const satisfies Record<CheckStatus, unknown>;

function describe(title: string, checks: readonly Check[], style: Style): string[] {
  const rows = checks.map(({ name, status, message, remedy }) => {
    const { sign, format } = LOOKS[status];
    const advice = remedy === undefined ? "" : style("cyan", ` → ${escapeText(remedy)}`);
    return [`  ${style([format, "bold"], sign)}`, name, escapeText(message) + advice];
  });
  return [style("bold", escapeText(title)), ...formatTable(rows)];
}
