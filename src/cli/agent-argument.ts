/**
 * Agent argument: a version of an agent on the command line.
 */
import type { AgentVersion, VersionReference } from "../index.js";
import { UsageError } from "./usage-error.js";

/** A version of an agent, in usage texts. */
export const AGENT_ARGUMENT = "name, name@3 for a version or name:stable for a tag";

const FORM = /^(?<name>[^@:]+)(?:@(?<version>[0-9]+)|[@:](?<tag>.+))?$/;

/** @throws {UsageError} unless it is a name, with a version or a tag or neither */
export function agentArgument(text: string): VersionReference {
  const { name, version, tag } = FORM.exec(text)?.groups ?? {};
  if (name === undefined)
    throw new UsageError(
      `Cannot tell which agent ${JSON.stringify(text)} is: give ${AGENT_ARGUMENT}`,
    );
  return {
    name,
    ...(version !== undefined && { version: Number(version) }),
    ...(tag !== undefined && { tag }),
  };
}

/** Returns how a version is written. */
export function agentText({ name, version }: Pick<AgentVersion, "name" | "version">): string {
  return `${name}@${version}`;
}
