/**
 * The programs in a page of the documentation: each block of JavaScript with the block of text after it that it prints.
 */
import { readFileSync } from "node:fs";

/** A program, and what the page says that it prints. */
export interface Example {
  readonly program: string;
  readonly output: string;
}

const PROGRAM = /^```js\n(?<program>[\s\S]*?)^```\n\s*^```text\n(?<output>[\s\S]*?)^```$/gm;

/** Returns the programs in a page, in their order. */
export function readExamples(page: string): Example[] {
  return [...readFileSync(page, "utf8").matchAll(PROGRAM)].map(({ groups }) => ({
    program: groups!.program!,
    output: groups!.output!,
  }));
}

/** An id of a snapshot, a workspace or the like: 16 characters, among them a digit and a letter. */
const ID = /\b(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[a-z])[0-9a-hjkmnp-tv-z]{16}\b/g;

/** Returns an output without what is another in each run: ids, and where the program ran; and without blanks at the ends of lines. */
export function withoutChance(output: string, directory: string): string {
  return output
    .replaceAll(directory, "/home/you")
    .replace(ID, "<id>")
    .replace(/ +$/gm, "")
    .trimEnd();
}

/** Returns what an output must be like, as the page tells it; `...` stands for whatever there is in a line, or for lines. */
export function patternOf(output: string): RegExp {
  const lines = withoutChance(output, "/home/you")
    .split("\n")
    .map((line) => (line === "..." ? ".*(?:\n.*)*" : line.split("...").map(escaped).join(".*")));
  return new RegExp(`^${lines.join("\n")}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
