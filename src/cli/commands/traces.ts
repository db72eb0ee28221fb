import { Command, Option } from "commander";
import type { TraceFilter } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { traceJson } from "../json/trace-json.js";
import { wholeNumber } from "../options.js";
import { countOf } from "../output/count-of.js";
import { describeComparison } from "../output/describe-comparison.js";
import { describeEvents, describeMetrics } from "../output/describe-traces.js";
import { pastTime } from "../quantities.js";
import { recordLines } from "../record-lines.js";
import {
  type AgentReference,
  addAgentArgument,
  addSubjectOptions,
  addTraceOptions,
  type TraceOptions,
  traceFilterOf,
} from "../trace-options.js";
import { UsageError } from "../usage-error.js";

interface ListOptions extends TraceOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

interface RemoveOptions extends TraceOptions {
  readonly before: Date;
}

/** `coppice traces`: what agents did, event by event, and figures of it. */
export function tracesCommand(): Command {
  const list = new Command("list").description("list events, the newest first");
  const metrics = new Command("metrics").description(
    "tell how many events there are, how many tool calls succeeded, and how long they took",
  );
  const compare = new Command("compare")
    .description("tell the figures of two versions of an agent side by side")
    .argument("<name>", "the agent's")
    .argument("<before>", "the version to compare with", wholeNumber(1))
    .argument("<after>", "the other one", wholeNumber(1));
  const remove = new Command("remove").description("remove events that are old");
  return new Command("traces")
    .description("record what agents do, and measure it")
    .addCommand(
      new Command("record")
        .description("record events from standard input, each a line of JSON")
        .action(action(record)),
    )
    .addCommand(
      addTraceOptions(addAgentArgument(list))
        .option("-m, --limit <count>", "at most so many, 100 unless told", wholeNumber(1, 1_000))
        .option("--cursor <cursor>", "go on where a list ended")
        .action(action(listEvents)),
    )
    .addCommand(addTraceOptions(addAgentArgument(metrics)).action(action(measure)))
    .addCommand(addTraceOptions(compare).action(action(compareVersions)))
    .addCommand(
      addSubjectOptions(addAgentArgument(remove))
        .addOption(
          new Option("--before <time>", "2026-01-31, with a time, or 30d for how long ago")
            .argParser(pastTime)
            .makeOptionMandatory(),
        )
        .action(action(removeEvents)),
    );
}

async function record(invocation: Invocation): Promise<undefined> {
  const { output } = invocation;
  const { traces } = await invocation.openWholeStore();
  const recorded = await recordLines(traces, process.stdin);
  if (output.isJson) await output.printJson({ recorded });
  else await output.print(`Recorded ${countOf(recorded, "event")}`);
}

async function listEvents(
  invocation: Invocation,
  agent: AgentReference | undefined,
  { limit, cursor, ...options }: ListOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { traces } = await invocation.openWholeStore();
  const page = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
  const found = await asked(() => traces.query({ ...filterOf(agent, options), ...page }));
  if (output.isJson)
    await output.printJson({ events: found.items.map(traceJson), cursor: found.cursor ?? null });
  else {
    await output.print(...describeEvents(found.items, output.style));
    if (found.cursor !== undefined)
      await output.print(output.style("dim", `more with --cursor ${found.cursor}`));
  }
}

async function measure(
  invocation: Invocation,
  agent: AgentReference | undefined,
  options: TraceOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { traces } = await invocation.openWholeStore();
  const metrics = await asked(() => traces.metrics(filterOf(agent, options)));
  if (output.isJson) await output.printJson(metrics);
  else await output.print(...describeMetrics(metrics, output));
}

async function compareVersions(
  invocation: Invocation,
  name: string,
  before: number,
  after: number,
  options: TraceOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { traces } = await invocation.openWholeStore();
  const filter = { ...filterOf(undefined, options), name };
  const comparison = await asked(() => traces.compare({ ...filter, versions: [before, after] }));
  if (output.isJson) await output.printJson(comparison);
  else await output.print(...describeComparison(comparison, output));
}

async function removeEvents(
  invocation: Invocation,
  agent: AgentReference | undefined,
  { before, ...options }: RemoveOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { traces } = await invocation.openWholeStore();
  const filter = filterOf(agent, options);
  const removed = await invocation.runLong(({ signal }) =>
    asked(() => traces.remove({ ...filter, before, signal })),
  );
  if (output.isJson) await output.printJson({ removed });
  else await output.print(`Removed ${countOf(removed, "event")}`);
}

function filterOf(agent: AgentReference | undefined, options: TraceOptions): TraceFilter {
  if (options.ok === true && options.failed === true)
    throw new UsageError("Cannot tell which events are meant: give --ok or --failed, not both");
  return traceFilterOf(agent, options);
}

/** What the library takes for misuse was written on the command line. */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
