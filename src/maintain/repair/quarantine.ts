/**
 * Quarantine: where a repair puts what it cannot use. Nothing is deleted.
 */
import type { Disk } from "../../disk/disk.js";

export class Quarantine {
  readonly #disk: Disk;
  readonly #isDryRun: boolean;
  readonly #folder: string;
  readonly #paths: string[] = [];

  constructor(disk: Disk, isDryRun: boolean) {
    this.#disk = disk;
    this.#isDryRun = isDryRun;
    this.#folder = `quarantine/${new Date().toISOString().replaceAll(":", "-")}`;
  }

  /** What was put there, or would be: paths below the store. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Moves a file there. */
  take(path: string): void {
    const to = this.#placeFor(path);
    if (!this.#isDryRun) this.#disk.rename(path, to);
  }

  /** Puts some bytes there, that are about to be written over. */
  keep(path: string, bytes: Buffer): void {
    const to = this.#placeFor(path);
    if (!this.#isDryRun) this.#disk.replace(to, [bytes]);
  }

  #placeFor(path: string): string {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const to = `${this.#folder}/${name}`;
    if (!this.#isDryRun) this.#disk.makeDirectory(this.#folder);
    this.#paths.push(to);
    return to;
  }
}
