import { styleText } from "node:util";

/** Gives text a colour or weight, or returns it as it is where the stream shows none. */
export type Style = (format: Parameters<typeof styleText>[0], text: string) => string;

/**
 * Returns the style of a stream: colours on a terminal that has them, unless `NO_COLOR` is set or
 * `TERM` is `dumb`.
 */
export function styleFor(stream: NodeJS.WriteStream): Style {
  // hasColors() heeds NO_COLOR, NODE_DISABLE_COLORS, FORCE_COLOR and TERM.
  if (!stream.isTTY || !stream.hasColors()) return (_, text) => text;
  // The decision is made: styleText() would make its own, about standard output.
  return (format, text) => styleText(format, text, { validateStream: false });
}
