import type { EntryKind } from "../../index.js";

const TYPES: Readonly<Record<EntryKind, string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  fifo: "p",
  "character-device": "c",
  "block-device": "b",
};

/** Returns kind and permissions as `ls -l` does, such as `drwxr-x--t`. */
export function formatMode(kind: EntryKind, mode: number): string {
  const bit = (mask: number, letter: string): string => ((mode & mask) === 0 ? "-" : letter);
  const execute = (mask: number, special: number, letter: string): string => {
    if ((mode & special) === 0) return bit(mask, "x");
    return (mode & mask) === 0 ? letter.toUpperCase() : letter;
  };
  return [
    TYPES[kind],
    bit(0o400, "r"),
    bit(0o200, "w"),
    execute(0o100, 0o4000, "s"),
    bit(0o040, "r"),
    bit(0o020, "w"),
    execute(0o010, 0o2000, "s"),
    bit(0o004, "r"),
    bit(0o002, "w"),
    execute(0o001, 0o1000, "t"),
  ].join("");
}
