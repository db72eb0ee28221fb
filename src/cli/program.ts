import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { COMMANDS } from "./command-list.js";
import { styleFor } from "./output/style.js";

const NOTES = `
A snapshot is named by its id, its digest, its name, or a prefix of id or digest that no other has.
Exit codes: 0 done, 1 failed, 2 usage, 3 differences (diff --exit-code), 4 conflicts (apply, merge), 128 + n ended by signal n.`;

/**
 * Returns the parser of the command line.
 *
 * It knows the commands that the arguments may mean, and all of them where they mean none: loading a
 * module costs about as much as running most commands.
 */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const style = styleFor(process.stdout);
  const program = new Command("coppice")
    .description("Snapshots of directories: capture, deduplicate, restore and compare.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addOption(new Option("--store <directory>", "the store to work on").env("COPPICE_STORE"))
    .option("--json", "print one JSON document instead of text")
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) =>
        `${command.name()} ${command.usage().replace("[options]", "").trim()}`.trim(),
      styleTitle: (text) => style("bold", text),
      styleCommandText: (text) => style("cyan", text),
      styleSubcommandText: (text) => style("cyan", text),
      styleOptionText: (text) => style("green", text),
      styleArgumentText: (text) => style("yellow", text),
    })
    // runCommandLine() tells what is wrong, as text or as JSON.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText("after", NOTES);
  for (const { heading, load } of wantedCommands(args))
    program.addCommand(withSettings(await load(), program).helpGroup(heading));
  return program;
}

/** Has a command, and those within it, write and fail as their parent does. */
function withSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const each of command.commands) withSettings(each, command);
  return command;
}

function wantedCommands(args: readonly string[]) {
  const all = Object.entries(COMMANDS).flatMap(([heading, commands]) =>
    Object.entries(commands).map(([name, load]) => ({ name, heading, load })),
  );
  const named = all.filter(({ name }) => args.includes(name));
  if (named.length > 0) return named;
  const isVersionWanted = args.includes("-V") || args.includes("--version");
  return isVersionWanted ? [] : all;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
