import { Command } from "commander";
import { AGENT_ARGUMENT, agentArgument } from "../agent-argument.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { describeAgent } from "../output/describe-agents.js";

/** `coppice tag`: gives a version of an agent a tag. */
export function tagCommand(): Command {
  return new Command("tag")
    .description("give a version of an agent a tag; whichever had it before loses it")
    .argument("<agent>", AGENT_ARGUMENT)
    .argument("<tag>", "as stable; latest moves by itself")
    .action(action(tag));
}

async function tag(invocation: Invocation, agent: string, wanted: string): Promise<undefined> {
  const { output } = invocation;
  const reference = agentArgument(agent);
  const { registry } = await invocation.openWholeStore();
  const tagged = await registry.tag(reference, wanted);
  if (output.isJson) await output.printJson({ agent: agentJson(tagged) });
  else await output.print(describeAgent("Tagged", tagged, output.style));
}
