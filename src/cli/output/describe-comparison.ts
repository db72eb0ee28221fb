import type { ComparedFigures, TraceComparison, TraceFigures } from "../../index.js";
import {
  barColumns,
  formatLabel,
  formatLatency,
  formatShare,
  type Page,
} from "./describe-traces.js";
import { escapeText } from "./escape-text.js";
import { formatBar } from "./format-bar.js";
import { formatCount } from "./format-count.js";
import { type Alignment, formatTable } from "./format-table.js";
import type { Style } from "./style.js";

/** A figure, as people are told it. */
interface Told {
  readonly title: string;
  readonly of: (figures: TraceFigures) => number | undefined;
  readonly format: (value: number) => string;
  /** Of a difference; as `format` unless it differs. */
  readonly formatDifference?: (value: number) => string;
  /** Whether more of it is better, worse (−1), or neither. */
  readonly better: -1 | 0 | 1;
}

const FIGURES: readonly Told[] = [
  { title: "COUNT", of: ({ count }) => count, format: formatCount, better: 0 },
  {
    title: "OK",
    of: ({ successRate }) => successRate,
    format: formatShare,
    formatDifference: (value) => `${(value * 100).toFixed(1)} pp`,
    better: 1,
  },
  { title: "P50", of: ({ p50Ms }) => p50Ms, format: formatLatency, better: -1 },
  { title: "P95", of: ({ p95Ms }) => p95Ms, format: formatLatency, better: -1 },
];

/** Returns two versions side by side: a table, and a chart of success and latency by tool. */
export function describeComparison(comparison: TraceComparison, page: Page): string[] {
  const { name, versions, byTool } = comparison;
  const overall = { label: "all events", figures: comparison };
  const tools = byTool.map(({ tool, ...figures }) => ({ label: formatLabel(tool), figures }));
  const charted = tools.length === 0 ? [overall] : tools;
  const [before, after] = versions;
  const title = `${escapeText(name)}: version ${before} and version ${after}`;
  return [
    page.style("bold", title),
    "",
    ...tablesOf([overall, ...tools], versions, page),
    ...FIGURES.filter(({ better }) => better !== 0).flatMap((told) =>
      chartOf(told, charted, versions, page),
    ),
  ];
}

/** Figures with what they are of. */
interface Row {
  readonly label: string;
  readonly figures: ComparedFigures;
}

/** One table where it fits, else one for each figure. */
function tablesOf(rows: readonly Row[], versions: readonly number[], page: Page): string[] {
  const all = tableOf(rows, versions, FIGURES, page.style);
  if (Math.max(...all.widths) <= (page.columns ?? Number.POSITIVE_INFINITY)) return all.lines;
  return FIGURES.flatMap((told, index) => [
    ...(index === 0 ? [] : [""]),
    ...tableOf(rows, versions, [told], page.style).lines,
  ]);
}

function tableOf(
  rows: readonly Row[],
  versions: readonly number[],
  figures: readonly Told[],
  style: Style,
) {
  const head = [
    "",
    ...figures.flatMap(({ title }) => versions.map((v) => `${title} ${v}`).concat("±")),
  ];
  const plain: Style = (_, text) => text;
  const cells = (each: Style) => [
    head.map((title) => each("dim", title)),
    ...rows.map(({ label, figures: compared }) => [
      label,
      ...figures.flatMap((told) => figureCells(told, compared, each)),
    ]),
  ];
  const alignments: Alignment[] = ["left", ...head.slice(1).map(() => "right" as const)];
  const widths = formatTable(cells(plain), alignments).map((line) => [...line].length);
  return { lines: formatTable(cells(style), alignments), widths };
}

function figureCells(told: Told, { before, after, difference }: ComparedFigures, style: Style) {
  const value = (figures: TraceFigures): string => {
    const number = told.of(figures);
    return number === undefined ? "-" : told.format(number);
  };
  return [value(before), value(after), differenceCell(told, told.of(difference), style)];
}

/** With its sign, so that it can be read without colours. */
function differenceCell(told: Told, difference: number | undefined, style: Style): string {
  if (difference === undefined) return "";
  const { format, formatDifference = format, better } = told;
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  const text = sign + formatDifference(Math.abs(difference));
  const good = Math.sign(difference) * better;
  return good === 0 ? text : style(good > 0 ? "green" : "red", text);
}

/** Two bars for each tool, the first version's above the second's. */
function chartOf(
  told: Told,
  rows: readonly Row[],
  versions: readonly number[],
  { style, columns }: Page,
): string[] {
  const values = rows.flatMap(({ figures: { before, after } }) => [
    told.of(before),
    told.of(after),
  ]);
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return [];
  // A success rate is a share of all; latencies are told beside the longest of them.
  const full = told.better > 0 ? 1 : Math.max(...known) || 1;
  const lines = formatTable(
    rows.flatMap(({ label }, index) =>
      versions.map((version, side) => {
        const value = values[index * 2 + side];
        return [
          side === 0 ? label : "",
          String(version),
          value === undefined ? "-" : told.format(value),
        ];
      }),
    ),
    ["left", "right", "right"],
  );
  const bars = barColumns(columns, Math.max(...lines.map((line) => [...line].length)) + 2);
  const drawn = lines.map((line, index) => {
    const value = values[index];
    if (value === undefined || bars === 0) return line;
    return `${line}  ${style(index % 2 === 0 ? "dim" : "cyan", formatBar(value / full, bars))}`;
  });
  return ["", style("bold", told.title), ...drawn];
}
