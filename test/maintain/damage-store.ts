/** Ways to damage a store's packs, from outside. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Returns the paths of a store's packs. */
export function packsOf(store: string): string[] {
  const packs = join(store, "packs");
  return readdirSync(packs)
    .sort()
    .map((name) => join(packs, name));
}

/** Flips a bit of a byte in place; a second time undoes it. */
export function flip(file: string, at: number): void {
  const descriptor = openSync(file, "r+");
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0]! ^= 1 << (at % 8);
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
}

/** Flips a bit of the first of some packs that hold a text, within it. */
export function flipText(store: string, text: string): void {
  for (const pack of packsOf(store)) {
    const at = readFileSync(pack).indexOf(text);
    if (at < 0) continue;
    flip(pack, at + 1);
    return;
  }
  throw new Error(`No pack holds ${JSON.stringify(text)}`);
}
