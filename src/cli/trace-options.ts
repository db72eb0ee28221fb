/**
 * Trace options: which events are meant, on the command line.
 */
import { Argument, type Command, InvalidArgumentError } from "commander";
import type { TraceFilter } from "../index.js";
import { pastTime } from "./quantities.js";

/** Options that say which events are meant. */
export interface TraceOptions {
  readonly sandbox?: string;
  readonly snapshot?: string;
  readonly kind?: string;
  readonly tool?: string;
  readonly ok?: boolean;
  readonly failed?: boolean;
  readonly since?: Date;
  readonly until?: Date;
}

/** An agent, or one version of it. */
export type AgentReference = Pick<TraceFilter, "name" | "version">;

/** Adds the argument that names an agent. */
export function addAgentArgument(command: Command): Command {
  return command.addArgument(
    new Argument("[agent]", "its name, or name@version").argParser(agentArgument),
  );
}

/** Adds the options that say which events are meant. */
export function addTraceOptions(command: Command): Command {
  return addSubjectOptions(command)
    .option(
      "--since <time>",
      "from then on: 2026-01-31, with a time, or 36h for how long ago",
      pastTime,
    )
    .option("--until <time>", "before then, likewise", pastTime);
}

/** Adds those of them that are not about time. */
export function addSubjectOptions(command: Command): Command {
  return command
    .option("--sandbox <id>", "only those in this sandbox")
    .option("--snapshot <id>", "only those of this snapshot")
    .option("-k, --kind <kind>", "only those of this kind")
    .option("-t, --tool <tool>", "only calls of this tool")
    .option("--ok", "only what succeeded")
    .option("--failed", "only what failed");
}

/** Returns which events are meant. */
export function traceFilterOf(
  agent: AgentReference | undefined,
  { sandbox, snapshot, kind, tool, ok, failed, since, until }: TraceOptions,
): TraceFilter {
  const outcome = ok === true ? true : failed === true ? false : undefined;
  return { ...agent, sandbox, snapshot, kind, tool, ok: outcome, since, until };
}

function agentArgument(text: string): AgentReference {
  if (text === "") throw new InvalidArgumentError("Give a name, or name@version.");
  const [, name, version] = /^(.+)@(\d+)$/.exec(text) ?? [];
  return name === undefined ? { name: text } : { name, version: Number(version) };
}
