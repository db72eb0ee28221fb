/**
 * Job output: what a setup wrote, standard output and standard error as they came. Of what is long the beginning and the end are
 * kept: what was meant to happen, and what did.
 */
import type { OwnDatabase } from "../database/own-database.js";

/** What a setup wrote. */
export interface JobOutput {
  /** As UTF-8, with a line that says so where bytes were left out. */
  readonly text: string;
  /** Bytes that were left out from the middle; 4 MiB are kept. */
  readonly cutBytes: number;
}

const HEAD_BYTES = 1024 * 1024;
const TAIL_BYTES = 3 * 1024 * 1024;
/** A piece is written when there is so much of it, or after so long: whoever reads it while it runs is no further behind. */
const PIECE_BYTES = 64 * 1024;
const PIECE_MS = 200;

/** Takes what a setup writes and keeps it in memory: of a test, whose output nobody else reads. */
export class OutputBuffer {
  readonly #head: Buffer[] = [];
  readonly #tail: Buffer[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  cutBytes = 0;

  /** Returns whether it belongs to the beginning, and how many of the oldest pieces after it are to go. */
  add(bytes: Buffer): { readonly dropped: number } {
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(bytes);
      this.#headBytes += bytes.length;
      return { dropped: 0 };
    }
    this.#tail.push(bytes);
    this.#tailBytes += bytes.length;
    let dropped = 0;
    while (this.#tailBytes - this.#tail[dropped]!.length >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail[dropped]!.length;
      this.cutBytes += this.#tail[dropped]!.length;
      dropped++;
    }
    this.#tail.splice(0, dropped);
    return { dropped };
  }

  /** What is kept. */
  get output(): JobOutput {
    return outputOf(this.#head, this.#tail, this.cutBytes);
  }
}

/** Writes the output of a job into the ledger, where other processes read it. */
export class OutputWriter {
  readonly #ledger: OwnDatabase;
  readonly #job: number;
  readonly #kept = new OutputBuffer();
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #firstOfTail: number | undefined;
  #failure: unknown;

  /** @param job its sequence number */
  constructor(ledger: OwnDatabase, job: number) {
    this.#ledger = ledger;
    this.#job = job;
  }

  add(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= PIECE_BYTES) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), PIECE_MS);
  }

  /**
   * Writes what is left.
   *
   * @throws {CoppiceError} what a piece could not be written for
   */
  end(): JobOutput {
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#kept.output;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (bytes.length === 0 || this.#failure !== undefined) return;
    const { dropped } = this.#kept.add(bytes);
    try {
      this.#ledger.transaction.run(() => this.#put(bytes, dropped), "relaxed");
    } catch (error) {
      // In a timer nobody would hear of it.
      this.#failure = error;
    }
  }

  #put(bytes: Buffer, dropped: number): void {
    const { database } = this.#ledger;
    database
      .prepare("INSERT INTO profile_output (job, piece, bytes) VALUES (?, ?, ?)")
      .run(this.#job, this.#next, bytes);
    if (dropped > 0) {
      this.#firstOfTail ??= this.#headPieces();
      this.#firstOfTail += dropped;
      database
        .prepare("DELETE FROM profile_output WHERE job = ? AND piece >= ? AND piece < ?")
        .run(this.#job, this.#firstOfTail - dropped, this.#firstOfTail);
      database
        .prepare("UPDATE profile_job SET cut_bytes = ? WHERE sequence = ?")
        .run(this.#kept.cutBytes, this.#job);
    }
    this.#next++;
  }

  /** How many pieces the beginning has. */
  #headPieces(): number {
    const lengths = this.#ledger.database
      .prepare("SELECT length(bytes) AS bytes FROM profile_output WHERE job = ? ORDER BY piece")
      .all(this.#job) as { readonly bytes: number }[];
    return headCount(lengths.map(({ bytes }) => bytes));
  }
}

/** Returns what is kept of a job's output, also while it runs. */
export function readOutput(
  { database, transaction }: OwnDatabase,
  { sequence, cut_bytes }: { readonly sequence: number; readonly cut_bytes: number },
): JobOutput {
  const pieces = transaction.read(() =>
    database.prepare("SELECT bytes FROM profile_output WHERE job = ? ORDER BY piece").all(sequence),
  ) as { readonly bytes: Buffer }[];
  const bytes = pieces.map((piece) => piece.bytes);
  const head = headCount(bytes.map(({ length }) => length));
  return outputOf(bytes.slice(0, head), bytes.slice(head), cut_bytes);
}

/** Returns how many pieces make up the beginning: the fewest with so many bytes. */
function headCount(lengths: readonly number[]): number {
  let sum = 0;
  const last = lengths.findIndex((length) => {
    sum += length;
    return sum >= HEAD_BYTES;
  });
  return last === -1 ? lengths.length : last + 1;
}

function outputOf(head: readonly Buffer[], tail: readonly Buffer[], cutBytes: number): JobOutput {
  const mark = cutBytes === 0 ? "" : `\n[${cutBytes} bytes left out]\n`;
  const text = `${Buffer.concat(head)}${mark}${Buffer.concat(tail)}`;
  // Characters that two pieces share are whole only where nothing is between these.
  return { text: cutBytes === 0 ? Buffer.concat([...head, ...tail]).toString() : text, cutBytes };
}
