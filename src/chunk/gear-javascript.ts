import { gearWindowBytes } from "./gear-parameters.js";
import type { GearScan } from "./gear-scan.js";
import { gearTable } from "./gear-table.js";

/**
 * Returns the gear scan in plain JavaScript, for machines without WebAssembly and
 * as the check on it.
 *
 * @param windowBytes size of the window in bytes
 */
export function createJavascriptGear(windowBytes: number): GearScan {
  const table = gearTable();
  const window = Buffer.allocUnsafeSlow(windowBytes);

  function next(
    from: number,
    normal: number,
    end: number,
    strictBelow: number,
    looseBelow: number,
  ): number {
    let at = from;
    let hash = 0;
    for (const warm = from + gearWindowBytes - 1; at < warm; at++)
      hash = ((hash << 1) + table[window[at]!]!) | 0;
    let limit = normal;
    let below = strictBelow;
    for (;;) {
      // Two bytes a turn: only one shift and one addition have to wait for the turn before.
      while (at + 1 < limit) {
        const first = table[window[at]!]!;
        if ((((hash << 1) + first) | 0) < below) return at + 1;
        hash = ((hash << 2) + (first << 1) + table[window[at + 1]!]!) | 0;
        at += 2;
        if (hash < below) return at;
      }
      if (at < limit) {
        hash = ((hash << 1) + table[window[at]!]!) | 0;
        at++;
        if (hash < below) return at;
      }
      if (limit >= end) return end;
      limit = end;
      below = looseBelow;
    }
  }

  return { implementation: "javascript", window, next };
}
