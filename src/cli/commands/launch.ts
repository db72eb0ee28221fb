import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import type { DriverName, Launched } from "../../index.js";
import { AGENT_ARGUMENT, agentArgument, agentText } from "../agent-argument.js";
import type { EgressOptions } from "../egress-options.js";
import { addEgressOptions, egressOf } from "../egress-options.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { workspaceJson } from "../json/workspace-json.js";
import { driverOption } from "../options.js";
import { describeWorkspace, remarkOnDriver } from "../output/describe-workspace.js";
import { escapeText } from "../output/escape-text.js";

interface LaunchCommandOptions extends EgressOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly secret?: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  readonly name?: string;
  readonly driver?: DriverName;
}

const SECRETS = `
Whoever is on this machine can read the arguments of a running command: give secrets as --secret NAME, which
takes the variable NAME of the environment, or as --secret-file. No snapshot has the files that they are written to.`;

/** `coppice launch`: a workspace with an agent's files and configuration. */
export function launchCommand(): Command {
  const command = new Command("launch")
    .description(
      "make a workspace with an agent and its configuration, and print what to run in it",
    )
    .argument("<agent>", AGENT_ARGUMENT)
    .argument("[directory]", "where; missing or empty, outside the store (default: in the store)")
    .option(
      "-e, --env <name=value>",
      "a variable, or its name to take it from the environment; several times",
      collectVariable,
    )
    .option(
      "-s, --secret <name>",
      "a secret for its configuration, from the environment's variable of that name; several times",
      collectVariable,
    )
    .option(
      "--secret-file <name=file>",
      "a secret from a file, without its last line end; several times",
      collectSecretFile,
    )
    .option("--entrypoint <command>", "what is run instead of its own")
    .option("-n, --name <name>", "a name for the workspace, which no other has")
    .addOption(driverOption())
    .addHelpText("after", SECRETS);
  return addEgressOptions(command).action(action(launch));
}

async function launch(
  invocation: Invocation,
  agent: string,
  dir: string | undefined,
  options: LaunchCommandOptions & { readonly secretFile?: Readonly<Record<string, string>> },
): Promise<undefined> {
  const { output } = invocation;
  const { env, secret, secretFile, allow, deny, ...own } = options;
  const networkPolicy = egressOf({ ...(allow && { allow }), ...(deny && { deny }) });
  const reference = agentArgument(agent);
  const store = await invocation.openWholeStore();
  const launched = await invocation.runLong(({ signal }) =>
    store.registry.launch(reference, {
      ...own,
      ...(dir !== undefined && { dir }),
      ...(env && { env }),
      secrets: { ...secret, ...secretFile },
      ...(networkPolicy && { networkPolicy }),
      signal,
    }),
  );
  const { workspace } = launched;
  const info = (await store.workspaces()).find(({ id }) => id === workspace.id)!;
  if (output.isJson)
    await output.printJson({
      agent: agentJson(launched.agent),
      workspace: workspaceJson(info),
      entrypoint: launched.entrypoint,
      command: launched.command,
      env: launched.env,
      egress: launched.egress,
    });
  else await output.print(describeWorkspace(info, output.style), ...describeLaunch(launched));
  for (const remark of remarkOnDriver(info)) output.remark(remark);
}

function describeLaunch({ agent, command, env, egress, workspace }: Launched): string[] {
  const names = Object.keys(env);
  const isOpen = egress.allow.includes("*") && egress.deny.length === 0;
  return [
    `${agentText(agent)}${agent.runtime === undefined ? "" : `, for ${escapeText(agent.runtime)}`}; to run it:`,
    `  cd ${quoted(workspace.path)} && ${command.map(quoted).join(" ")}`,
    ...(names.length === 0 ? [] : [`with the variables ${names.map(escapeText).join(", ")}`]),
    ...(isOpen
      ? []
      : [
          `it may reach ${egress.allow.join(", ") || "nothing"}${egress.deny.length === 0 ? "" : `, but not ${egress.deny.join(", ")}`}`,
        ]),
  ];
}

/** Returns a word as a shell takes it. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_/.:=@%+,-]+$/.test(word)
    ? word
    : `'${escapeText(word).replaceAll("'", "'\\''")}'`;
}

function collectVariable(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? process.env[name] : text.slice(equals + 1);
  if (name === "" || value === undefined)
    throw new InvalidArgumentError(
      "Give name=value, or the name of a variable of the environment.",
    );
  return { ...previous, [name]: value };
}

function collectSecretFile(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Give a secret as name=file.");
  try {
    const value = readFileSync(text.slice(equals + 1), "utf8").replace(/\r?\n$/, "");
    return { ...previous, [text.slice(0, equals)]: value };
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}`);
  }
}
