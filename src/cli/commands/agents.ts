import { Command } from "commander";
import type { AgentVersion } from "../../index.js";
import { allPages } from "../all-pages.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { formatAgents } from "../output/describe-agents.js";

/** `coppice agents`: lists agents. */
export function agentsCommand(): Command {
  return new Command("agents")
    .description("list the agents, each with its latest version")
    .option("-q, --quiet", "print the names alone")
    .action(action(agents));
}

async function agents(
  invocation: Invocation,
  { quiet }: { readonly quiet?: boolean },
): Promise<undefined> {
  const { output } = invocation;
  const { registry } = await invocation.openWholeStore();
  const found: AgentVersion[] = await allPages((query) => registry.list(query));
  if (output.isJson) await output.printJson({ agents: found.map(agentJson) });
  else if (quiet === true) await output.print(...found.map(({ name }) => name));
  else await output.print(...formatAgents(found, output.style));
}
