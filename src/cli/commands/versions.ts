import { Command } from "commander";
import { agentText } from "../agent-argument.js";
import { allPages } from "../all-pages.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { wholeNumber } from "../options.js";
import { formatAgents } from "../output/describe-agents.js";

interface VersionsOptions {
  readonly limit?: number;
  readonly quiet?: boolean;
}

/** `coppice versions`: lists an agent's versions. */
export function versionsCommand(): Command {
  return new Command("versions")
    .description("list the versions of an agent, the newest first")
    .argument("<name>", "the agent's name")
    .option("-m, --limit <count>", "at most so many", wholeNumber(1))
    .option("-q, --quiet", "print name@version alone")
    .action(action(versions));
}

async function versions(
  invocation: Invocation,
  name: string,
  { limit, quiet }: VersionsOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { registry } = await invocation.openWholeStore();
  const found = await allPages((query) => registry.listVersions(name, query), limit);
  if (output.isJson) await output.printJson({ versions: found.map(agentJson) });
  else if (quiet === true) await output.print(...found.map(agentText));
  else await output.print(...formatAgents(found, output.style));
}
