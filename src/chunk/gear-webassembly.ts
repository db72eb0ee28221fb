import { gearModuleBase64 } from "./gear-module.js";
import type { GearScan } from "./gear-scan.js";
import { gearTable } from "./gear-table.js";

/** The size of a WebAssembly page: the first holds the table, the window starts behind it. */
const pageBytes = 65_536;

/** Compiled once a thread. */
let compiled: WebAssembly.Module | undefined;

/**
 * Returns the gear scan in WebAssembly: three to four times as fast as the one in JavaScript.
 *
 * The window is a view of the module's memory, so file data is read straight into it.
 *
 * @param windowBytes size of the window in bytes, a multiple of 65,536
 */
export function createWebassemblyGear(windowBytes: number): GearScan {
  const pages = 1 + windowBytes / pageBytes;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= new WebAssembly.Module(Buffer.from(gearModuleBase64, "base64"));
  const instance = new WebAssembly.Instance(compiled, { cutter: { memory } });
  const next = instance.exports.next as GearScan["next"];

  // Written word by word: the module reads little-endian words whatever the machine's order is.
  const view = new DataView(memory.buffer);
  for (const [index, word] of gearTable().entries()) view.setInt32(index * 4, word, true);

  return {
    implementation: "webassembly",
    window: Buffer.from(memory.buffer, pageBytes, windowBytes),
    next: (from, normal, end, strictBelow, looseBelow) =>
      next(from + pageBytes, normal + pageBytes, end + pageBytes, strictBelow, looseBelow) -
      pageBytes,
  };
}
