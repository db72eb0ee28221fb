/**
 * File extents: the chunks and holes of a file in order, as numbers that lie flat.
 */

/** A hole's row. */
export const HOLE_ROW = -1;

export class FileExtents {
  readonly #offsets: number[] = [0];
  readonly #rows: number[] = [];

  get count(): number {
    return this.#rows.length;
  }

  /** Where the last one ends. */
  get sizeBytes(): number {
    return this.#offsets[this.#rows.length] as number;
  }

  /** @param row a chunk's number in the index, or HOLE_ROW */
  add(lengthBytes: number, row: number): void {
    this.#offsets.push(this.sizeBytes + lengthBytes);
    this.#rows.push(row);
  }

  row(index: number): number {
    return this.#rows[index] as number;
  }

  /** Returns where one begins; the one behind the last is the file's end. */
  offset(index: number): number {
    return this.#offsets[index] as number;
  }
}
