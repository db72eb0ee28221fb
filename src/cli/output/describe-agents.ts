/**
 * Describe agents: versions of agents as a table, and what was done to one.
 */
import type { AgentVersion } from "../../index.js";
import { agentText } from "../agent-argument.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatCount } from "./format-count.js";
import { formatTable } from "./format-table.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

/** Returns the lines of a table; none for no versions. */
export function formatAgents(agents: readonly AgentVersion[], style: Style): string[] {
  if (agents.length === 0) return [];
  const head = ["AGENT", "TAGS", "UPLOADED", "ENTRIES", "SIZE", "RUNTIME", "DIGEST"].map((title) =>
    style("dim", title),
  );
  const rows = agents.map((agent) => [
    style("bold", agentText(agent)),
    agent.tags.length === 0 ? style("dim", "-") : style("cyan", agent.tags.join(", ")),
    formatTime(BigInt(agent.createdAt.getTime()) * 1_000_000n),
    formatCount(agent.entryCount),
    formatBytes(agent.sizeBytes ?? agent.totalBytes),
    agent.runtime === undefined ? style("dim", "-") : escapeText(agent.runtime),
    agent.digest.slice(0, "sha256:".length + 12),
  ]);
  return formatTable([head, ...rows], ["left", "left", "left", "right", "right"]);
}

/** Returns a line that tells what was done to a version. */
export function describeAgent(done: string, agent: AgentVersion, style: Style): string {
  const tags = agent.tags.length === 0 ? "" : `  ${style("cyan", agent.tags.join(", "))}`;
  return `${done} ${style("bold", agentText(agent))}${tags}`;
}
