import { Command } from "commander";
import { action, type Invocation } from "../../invocation.js";
import { sandboxEventJson } from "../../json/sandbox-json.js";
import { wholeNumber } from "../../options.js";
import { escapeText } from "../../output/escape-text.js";
import { formatTime } from "../../output/format-time.js";

interface EventsOptions {
  readonly after?: number;
  readonly follow?: boolean;
}

/** `coppice sandbox events`: what was done to one. */
export function eventsCommand(): Command {
  return new Command("events")
    .description(
      "tell what was done to a sandbox, also to one that was deleted; with --json a line each",
    )
    .argument("<sandbox>", "id, or the name of one that lives")
    .option("--after <sequence>", "only what came after this one", wholeNumber(0))
    .option("-f, --follow", "wait for more, until it is deleted")
    .action(action(events));
}

async function events(
  invocation: Invocation,
  key: string,
  { after, follow }: EventsOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  const query = { ...(after !== undefined && { after }), ...(follow !== undefined && { follow }) };
  for await (const event of Sandbox.events(store, key, query)) {
    if (output.isJson) await output.print(JSON.stringify(sandboxEventJson(event)));
    else {
      const { sequence, at, kind, data } = event;
      const time = formatTime(BigInt(at.getTime()) * 1_000_000n);
      const told = Object.entries(data).map(([name, value]) => `${name}=${textOf(value)}`);
      await output.print(
        `${sequence}  ${time}  ${output.style("bold", kind)}  ${escapeText(told.join(" "))}`.trimEnd(),
      );
    }
    if (follow === true) await output.flush();
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}
