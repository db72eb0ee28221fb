import { stripVTControlCharacters } from "node:util";

/** How a column's cells stand in it. */
export type Alignment = "left" | "right";

/** Between two columns. */
const GAP = "  ";

/**
 * Returns the lines of a table whose columns are as wide as their widest cell; the last one ends where
 * its cells do. Cells may be styled. A character counts as one column wide.
 *
 * @param alignments of the columns; those that it does not name are left-aligned
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const padding = " ".repeat((widths[column] ?? 0) - widthOf(cell));
      return alignments[column] === "right" ? padding + cell : cell + padding;
    });
    return cells.join(GAP).trimEnd();
  });
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
