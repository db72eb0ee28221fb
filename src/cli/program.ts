import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { catCommand } from "./commands/cat.js";
import { diffCommand } from "./commands/diff.js";
import { doctorCommand } from "./commands/doctor.js";
import { initCommand } from "./commands/init.js";
import { logCommand } from "./commands/log.js";
import { lsCommand } from "./commands/ls.js";
import { restoreCommand } from "./commands/restore.js";
import { rmCommand } from "./commands/rm.js";
import { snapshotCommand } from "./commands/snapshot.js";
import { statsCommand } from "./commands/stats.js";
import { styleFor } from "./output/style.js";

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 usage, 3 differences (diff --exit-code), 128 + n ended by signal n.
A SNAPSHOT is named by its id, digest, name, or any prefix of id or digest that only it has.`;

/** Returns the parser of the command line with all commands. */
export function createProgram(): Command {
  const style = styleFor(process.stdout);
  const program = new Command("coppice")
    .description("Snapshots of directories: capture, deduplicate, restore and compare.")
    .version(packageVersion(), "-V, --version")
    .addOption(new Option("--store <directory>", "the store to work on").env("COPPICE_STORE"))
    .option("--json", "print one JSON document instead of text")
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => style("bold", text),
      styleCommandText: (text) => style("cyan", text),
      styleSubcommandText: (text) => style("cyan", text),
      styleOptionText: (text) => style("green", text),
      styleArgumentText: (text) => style("yellow", text),
    })
    // runCommandLine() tells what is wrong, as text or as JSON.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText("after", EXIT_CODES);
  const commands = [
    initCommand(),
    snapshotCommand(),
    logCommand(),
    lsCommand(),
    catCommand(),
    diffCommand(),
    restoreCommand(),
    rmCommand(),
    statsCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
