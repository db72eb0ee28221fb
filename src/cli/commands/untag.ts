import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";

/** `coppice untag`: takes a tag away. */
export function untagCommand(): Command {
  return new Command("untag")
    .description("take a tag away from whichever version of an agent has it")
    .argument("<name>", "the agent's name")
    .argument("<tag>", "as stable")
    .action(action(untag));
}

async function untag(invocation: Invocation, name: string, tag: string): Promise<undefined> {
  const { output } = invocation;
  const { registry } = await invocation.openWholeStore();
  const untagged = await registry.untag(name, tag);
  if (output.isJson) await output.printJson({ untagged });
  else
    await output.print(untagged ? `Took ${tag} from ${name}` : `No version of ${name} has ${tag}`);
}
