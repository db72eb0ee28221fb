/**
 * Egress options: what an agent may reach, on the command line.
 */
import type { Command } from "commander";
import type { EgressRules } from "../index.js";
import { collect } from "./options.js";

/** Options that make up rules. */
export interface EgressOptions {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Adds the options that make up rules. */
export function addEgressOptions(command: Command): Command {
  return command
    .option(
      "--allow <host>",
      "what it may reach: host, *.host, address or range, with :port or without; several times (default: everything)",
      collect,
    )
    .option(
      "--deny <host>",
      "what it may not reach although it is allowed; several times",
      collect,
    );
}

/** Returns the rules that some options make up, `undefined` where none was given. */
export function egressOf({ allow, deny }: EgressOptions): EgressRules | undefined {
  if (allow === undefined && deny === undefined) return undefined;
  return { ...(allow && { allow }), ...(deny && { deny }) };
}
