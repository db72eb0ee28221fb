/**
 * Compare versions: two versions' figures side by side, overall and by tool.
 */
import type { TraceFigures, TraceMetrics } from "./measure-events.js";

/** Figures of two versions; what one of them lacks is missing, and so is a difference then. */
export interface ComparedFigures {
  /** Of the first version. */
  readonly before: TraceFigures;
  /** Of the second version. */
  readonly after: TraceFigures;
  /** The second version's less the first one's. */
  readonly difference: TraceFigures;
}

/** Figures of two versions' calls of one tool. */
export interface ComparedTool extends ComparedFigures {
  /** Its name. */
  readonly tool: string;
}

/** Two versions of an agent, side by side. */
export interface TraceComparison extends ComparedFigures {
  /** The agent's name. */
  readonly name: string;
  /** The first version, and the second. */
  readonly versions: readonly [number, number];
  /** The same by tool, the most used first. */
  readonly byTool: readonly ComparedTool[];
}

/** Returns the figures of two versions side by side. */
export function compareFigures(
  before: TraceMetrics,
  after: TraceMetrics,
): ComparedFigures & Pick<TraceComparison, "byTool"> {
  const figures = (metrics: TraceMetrics) =>
    new Map(metrics.byTool.map(({ tool, ...each }) => [tool, each]));
  const [first, second] = [figures(before), figures(after)];
  const byTool = [...new Set([...first.keys(), ...second.keys()])].map((tool) => ({
    tool,
    ...beside(first.get(tool) ?? NONE, second.get(tool) ?? NONE),
  }));
  const callsOf = (each: ComparedTool): number => each.before.count + each.after.count;
  byTool.sort((a, b) => callsOf(b) - callsOf(a) || (a.tool < b.tool ? -1 : 1));
  const { byTool: _, ...overallBefore } = before;
  const { byTool: __, ...overallAfter } = after;
  return { ...beside(overallBefore, overallAfter), byTool };
}

const NONE: TraceFigures = { count: 0 };

function beside(before: TraceFigures, after: TraceFigures): ComparedFigures {
  const told = (["successRate", "p50Ms", "p95Ms"] as const).flatMap((figure) => {
    const [first, second] = [before[figure], after[figure]];
    return first === undefined || second === undefined ? [] : [[figure, second - first] as const];
  });
  const difference = { count: after.count - before.count, ...Object.fromEntries(told) };
  return { before, after, difference };
}
