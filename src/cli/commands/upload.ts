import { readFileSync, statSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AgentAuth, ConfigFile, UploadSource } from "../../index.js";
import { agentText } from "../agent-argument.js";
import type { EgressOptions } from "../egress-options.js";
import { addEgressOptions, egressOf } from "../egress-options.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { collect, collectLabel } from "../options.js";
import { describeAgent } from "../output/describe-agents.js";

interface UploadCommandOptions extends EgressOptions {
  readonly entrypoint: string;
  readonly runtime?: string;
  readonly tag?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly requireEnv?: readonly string[];
  readonly configFile?: readonly ConfigFile[];
  readonly exclude?: readonly string[];
  readonly owner?: "keep" | "self";
  readonly links?: "inside" | "any";
  readonly devices?: "refuse" | "keep";
  readonly quiet?: boolean;
}

/** `coppice upload`: a version of an agent. */
export function uploadCommand(): Command {
  const command = new Command("upload")
    .description("upload a new version of an agent from a tar archive or a directory")
    .argument("<name>", "the agent's name")
    .argument(
      "<bundle>",
      "a tar archive, plain or compressed with gzip or zstd; a directory; - for standard input",
    )
    .requiredOption("-e, --entrypoint <command>", "what is run when it is launched, for the shell")
    .option("-r, --runtime <runtime>", "what it runs on, for whoever launches it")
    .option("-t, --tag <tag>", "a tag beside latest; whichever version had it loses it")
    .option("-l, --label <key=value>", "a label; may be given several times", collectLabel)
    .option(
      "--require-env <names>",
      "variables without which it is not launched, parted by commas; several times",
      collectNames,
    )
    .option(
      "--config-file <path=template>",
      "write the file path from a template when it is launched, {{secrets.NAME}} in it; several times",
      collectConfigFile,
    );
  return addEgressOptions(command)
    .option(
      "-x, --exclude <pattern>",
      "leave out of a directory what matches; several times",
      collect,
    )
    .addOption(
      new Option("--owner <whose>", "owners as the archive has them, or your own").choices([
        "keep",
        "self",
      ]),
    )
    .addOption(
      new Option(
        "--links <where>",
        "symbolic links within the archive's own files, or anywhere",
      ).choices(["inside", "any"]),
    )
    .addOption(
      new Option("--devices <what>", "what becomes of devices").choices(["refuse", "keep"]),
    )
    .option("-q, --quiet", "print name@version alone")
    .action(action(upload));
}

async function upload(
  invocation: Invocation,
  name: string,
  path: string,
  { label, requireEnv, configFile, exclude, allow, deny, quiet, ...own }: UploadCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const egress = egressOf({ ...(allow && { allow }), ...(deny && { deny }) });
  const auth: AgentAuth = {
    ...(requireEnv && { requiredEnv: requireEnv }),
    ...(configFile && { configFiles: configFile }),
    ...(egress && { egress }),
  };
  const store = await invocation.openWholeStore();
  const { removed, ...agent } = await invocation.runLong((context) =>
    store.registry.upload({
      ...own,
      ...context,
      ...sourceOf(path),
      name,
      auth,
      ...(label && { labels: label }),
      ...(exclude && { exclude }),
    }),
  );
  if (output.isJson)
    await output.printJson({ agent: agentJson(agent), removed: removed.map(agentJson) });
  else if (quiet === true) await output.print(agentText(agent));
  else
    await output.print(
      describeAgent(output.style("green", "✔"), agent, output.style),
      ...removed.map((each) => describeAgent("Deleted, by the limits,", each, output.style)),
    );
}

/** A path that is not there is told by the library. */
function sourceOf(path: string): UploadSource {
  if (path === "-") return { bundle: process.stdin };
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory ? { directory: path } : { bundle: path };
}

function collectNames(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...text.split(",")];
}

function collectConfigFile(
  text: string,
  previous: readonly ConfigFile[] = [],
): readonly ConfigFile[] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Give a file as path=template file.");
  try {
    const template = readFileSync(text.slice(equals + 1), "utf8");
    return [...previous, { path: text.slice(0, equals), template }];
  } catch (error) {
    throw new InvalidArgumentError(`The template cannot be read: ${(error as Error).message}`);
  }
}
