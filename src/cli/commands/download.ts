import { createWriteStream, openSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import { explainSystemError } from "../../model/system-failure.js";
import { AGENT_ARGUMENT, agentArgument } from "../agent-argument.js";
import { action, type Invocation } from "../invocation.js";
import { agentJson } from "../json/agent-json.js";
import { describeAgent } from "../output/describe-agents.js";

/** `coppice download`: a bundle as it was uploaded. */
export function downloadCommand(): Command {
  return new Command("download")
    .description("write the bundle of an agent to a new file, byte by byte as it was uploaded")
    .argument("<agent>", AGENT_ARGUMENT)
    .argument("<file>", "a file that is not there yet")
    .action(action(download));
}

async function download(
  invocation: Invocation,
  reference: string,
  file: string,
): Promise<undefined> {
  const { output } = invocation;
  const wanted = agentArgument(reference);
  const { registry } = await invocation.openWholeStore();
  const agent = await registry.get(wanted.name, wanted);
  await invocation.runLong(async ({ signal }) => {
    const fd = makeFile(file);
    try {
      await pipeline(registry.download(agent), createWriteStream(file, { fd }), { signal });
    } catch (error) {
      rmSync(file, { force: true });
      throw explainSystemError(error, `write ${file}`);
    }
  });
  if (output.isJson) await output.printJson({ agent: agentJson(agent), file });
  else await output.print(describeAgent("Downloaded", agent, output.style));
}

function makeFile(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (error) {
    throw explainSystemError(error, `make ${file}`);
  }
}
