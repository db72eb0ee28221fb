/**
 * Output: what a command says. Results go to standard output, as text or as one JSON document;
 * remarks go to standard error and only where a person reads.
 */
import { once } from "node:events";
import { explainSystemError } from "../../model/system-failure.js";
import { escapeText } from "./escape-text.js";
import { type Style, styleFor } from "./style.js";

/** Text is written in pieces of this many characters: a pipe takes 64 KiB at once. */
const PIECE_CHARACTERS = 65_536;

export class Output {
  /** Whether the result is one JSON document. */
  readonly isJson: boolean;
  /** The style of standard output. */
  readonly style: Style;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  #pending = "";
  #failure: Error | undefined;

  constructor(isJson: boolean, stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.isJson = isJson;
    this.style = styleFor(stdout);
    this.#stdout = stdout;
    this.#stderr = stderr;
    // Without a listener a closed pipe would end the process before the store is closed.
    stdout.on("error", (error) => (this.#failure = error));
    stderr.on("error", () => undefined);
  }

  /** How wide the terminal is; `undefined` where results go elsewhere. */
  get columns(): number | undefined {
    return this.#stdout.isTTY ? this.#stdout.columns : undefined;
  }

  /** Standard error where progress may be drawn on it, else `undefined`. */
  get progressStream(): NodeJS.WriteStream | undefined {
    return this.#stderr.isTTY && !this.isJson ? this.#stderr : undefined;
  }

  /**
   * Prints lines.
   *
   * @throws {NodeJS.ErrnoException} EPIPE when nobody reads any more
   * @throws {CoppiceError} DISK_FULL, IO
   */
  async print(...lines: readonly string[]): Promise<void> {
    for (const line of lines) this.#pending += `${line}\n`;
    if (this.#pending.length >= PIECE_CHARACTERS) await this.flush();
  }

  /** Prints the result as JSON: indented for a person, on one line for a program. */
  async printJson(document: unknown): Promise<void> {
    await this.print(JSON.stringify(document, undefined, this.#stdout.isTTY ? 2 : undefined));
  }

  /**
   * Prints a JSON document whose last member is a list that need not fit in memory.
   *
   * @param head the other members, at least one
   */
  async printJsonList(head: object, member: string, items: AsyncIterable<unknown>): Promise<void> {
    this.#pending += `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(member)}:[`;
    let separator = "";
    for await (const item of items) {
      this.#pending += separator + JSON.stringify(item);
      separator = ",\n";
      if (this.#pending.length >= PIECE_CHARACTERS) await this.flush();
    }
    await this.print("]}");
  }

  /** Writes bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.#write(bytes);
  }

  /** Tells a person something beside the result; a JSON document has it in its members. */
  remark(text: string): void {
    if (this.isJson) return;
    const style = styleFor(this.#stderr);
    this.#stderr.write(`${style("yellow", "warning:")} ${escapeText(text)}\n`);
  }

  /** Writes what is pending. */
  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") await this.#write(text);
    if (this.#failure !== undefined) throw outputError(this.#failure);
  }

  async #write(data: string | Uint8Array): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#stdout.write(data)) await once(this.#stdout, "drain");
    } catch (error) {
      throw outputError(error);
    }
  }
}

/** Returns what is to be thrown: a pipe that nobody reads any more is no failure to tell; a full disk is. */
export function outputError(error: unknown): unknown {
  const isClosedPipe = (error as NodeJS.ErrnoException).code === "EPIPE";
  return isClosedPipe ? error : explainSystemError(error, "write output");
}
