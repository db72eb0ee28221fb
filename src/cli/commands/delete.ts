import { Command } from "commander";
import type { AgentVersion } from "../../index.js";
import { AGENT_ARGUMENT, agentArgument } from "../agent-argument.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { describeAgent } from "../output/describe-agents.js";

/** `coppice delete`: deletes versions of agents. */
export function deleteCommand(): Command {
  return new Command("delete")
    .description("delete versions of agents; gc then frees their space")
    .argument("<agent...>", AGENT_ARGUMENT)
    .action(action(deleteVersions));
}

async function deleteVersions(
  invocation: Invocation,
  agents: readonly string[],
): Promise<undefined> {
  const { output } = invocation;
  const references = agents.map(agentArgument);
  const { registry } = await invocation.openWholeStore();
  const deleted: AgentVersion[] = [];
  try {
    for (const reference of references) deleted.push(await registry.delete(reference));
  } finally {
    // Where one is not there, those before it are gone, and are told.
    if (output.isJson) await output.printJson({ deleted: deleted.map(agentJson) });
    else await output.print(...deleted.map((each) => describeAgent("Deleted", each, output.style)));
  }
}
