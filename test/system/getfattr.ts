import { run } from "../support/run.js";

/**
 * Returns the extended attributes of each path as getfattr tells them: paths and names as bytes in
 * Latin-1, values in hexadecimal. A path without attributes is not in the result.
 */
export async function getfattr(
  paths: readonly (string | Buffer)[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { stdoutBytes } = await run(
    "xargs",
    ["-0", "-r", "getfattr", "-h", "-d", "-m", "-", "-e", "hex", "--absolute-names", "--"],
    { input: Buffer.concat(paths.flatMap((path) => [Buffer.from(path), Buffer.from([0])])) },
  );
  const files = new Map<string, Map<string, string>>();
  let attributes = new Map<string, string>();
  for (const line of stdoutBytes.toString("latin1").split("\n")) {
    const path = /^# file: (.*)$/.exec(line)?.[1];
    const [, name, value] = /^([^=]+)=0x(.*)$/.exec(line) ?? [];
    if (path !== undefined) {
      attributes = new Map();
      files.set(unescapeOctal(path), attributes);
    } else if (name !== undefined && value !== undefined) {
      attributes.set(unescapeOctal(name), value);
    }
  }
  return files;
}

/** getfattr writes line feeds, backslashes and equals signs as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
