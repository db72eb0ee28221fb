import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { styleFor } from "./output/style.js";

const NOTES = `
A snapshot is named by its id, its digest, its name, or a prefix of id or digest that no other has.
Exit codes: 0 done, 1 failed, 2 usage, 3 differences (diff --exit-code), 4 conflicts (apply, merge), 128 + n ended by signal n.`;

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./commands/init.js")).initCommand(),
  snapshot: async () => (await import("./commands/snapshot.js")).snapshotCommand(),
  log: async () => (await import("./commands/log.js")).logCommand(),
  ls: async () => (await import("./commands/ls.js")).lsCommand(),
  cat: async () => (await import("./commands/cat.js")).catCommand(),
  diff: async () => (await import("./commands/diff.js")).diffCommand(),
  merge: async () => (await import("./commands/merge.js")).mergeCommand(),
  tree: async () => (await import("./commands/tree.js")).treeCommand(),
  fork: async () => (await import("./commands/fork.js")).forkCommand(),
  workspaces: async () => (await import("./commands/workspaces.js")).workspacesCommand(),
  exec: async () => (await import("./commands/exec.js")).execCommand(),
  changes: async () => (await import("./commands/changes.js")).changesCommand(),
  apply: async () => (await import("./commands/apply.js")).applyCommand(),
  rollback: async () => (await import("./commands/rollback.js")).rollbackCommand(),
  mount: async () => (await import("./commands/mount.js")).mountCommand(),
  umount: async () => (await import("./commands/umount.js")).umountCommand(),
  discard: async () => (await import("./commands/discard.js")).discardCommand(),
  restore: async () => (await import("./commands/restore.js")).restoreCommand(),
  import: async () => (await import("./commands/import.js")).importCommand(),
  upload: async () => (await import("./commands/upload.js")).uploadCommand(),
  agents: async () => (await import("./commands/agents.js")).agentsCommand(),
  versions: async () => (await import("./commands/versions.js")).versionsCommand(),
  tag: async () => (await import("./commands/tag.js")).tagCommand(),
  untag: async () => (await import("./commands/untag.js")).untagCommand(),
  launch: async () => (await import("./commands/launch.js")).launchCommand(),
  download: async () => (await import("./commands/download.js")).downloadCommand(),
  delete: async () => (await import("./commands/delete.js")).deleteCommand(),
  limits: async () => (await import("./commands/limits.js")).limitsCommand(),
  image: async () => (await import("./commands/image.js")).imageCommand(),
  sandbox: async () => (await import("./commands/sandbox/sandbox.js")).sandboxCommand(),
  pin: async () => (await import("./commands/pin.js")).pinCommand(),
  unpin: async () => (await import("./commands/unpin.js")).unpinCommand(),
  retention: async () => (await import("./commands/retention.js")).retentionCommand(),
  prune: async () => (await import("./commands/prune.js")).pruneCommand(),
  erase: async () => (await import("./commands/erase.js")).eraseCommand(),
  rm: async () => (await import("./commands/rm.js")).rmCommand(),
  profile: async () => (await import("./commands/profile.js")).profileCommand(),
  traces: async () => (await import("./commands/traces.js")).tracesCommand(),
  gc: async () => (await import("./commands/gc.js")).gcCommand(),
  stats: async () => (await import("./commands/stats.js")).statsCommand(),
  verify: async () => (await import("./commands/verify.js")).verifyCommand(),
  repair: async () => (await import("./commands/repair.js")).repairCommand(),
  doctor: async () => (await import("./commands/doctor.js")).doctorCommand(),
};

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
  for (const load of wantedCommands(args)) {
    program.addCommand(withSettings(await load(), program));
  }
  return program;
}

/** Has a command, and those within it, write and fail as their parent does. */
function withSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const each of command.commands) withSettings(each, command);
  return command;
}

function wantedCommands(args: readonly string[]) {
  const named = Object.keys(COMMANDS).filter((name) => args.includes(name));
  if (named.length > 0) return named.map((name) => COMMANDS[name]!);
  const isVersionWanted = args.includes("-V") || args.includes("--version");
  return isVersionWanted ? [] : Object.values(COMMANDS);
}

function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
