/**
 * Quarantine: where a repair puts what it cannot use. Nothing is deleted.
 */
import type { Disk } from "../../disk/disk.js";
import { syncFile } from "../../disk/sync-file.js";

/** The folder of the store in which it lies. */
export const QUARANTINE = "quarantine";

export class Quarantine {
  readonly #disk: Disk;
  readonly #isDryRun: boolean;
  readonly #folder: string;
  readonly #paths: string[] = [];

  constructor(disk: Disk, isDryRun: boolean) {
    this.#disk = disk;
    this.#isDryRun = isDryRun;
    this.#folder = `${QUARANTINE}/${new Date().toISOString().replaceAll(":", "-")}`;
  }

  /** What was put there, or would be: paths below the store. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Moves a file there, for good once it returns. */
  take(path: string): void {
    const to = this.#placeFor(path);
    if (this.#isDryRun) return;
    this.#disk.rename(path, to);
    // The new name before the old one: a power cut must not take both.
    this.#disk.syncDirectory(this.#folder);
    this.#disk.syncDirectory(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  }

  /** Puts some bytes there, that are about to be written over. */
  keep(path: string, bytes: Buffer): void {
    const to = this.#placeFor(path);
    if (this.#isDryRun) return;
    this.#disk.replace(to, [bytes]);
    syncFile(this.#disk, to);
    this.#disk.syncDirectory(this.#folder);
  }

  /** Two files may have had one name, one after the other. */
  #placeFor(path: string): string {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const first = `${this.#folder}/${name}`;
    let to = first;
    for (let number = 2; this.#paths.includes(to); number++) to = `${first}.${number}`;
    if (!this.#isDryRun && this.#paths.length === 0) this.#makeFolder();
    this.#paths.push(to);
    return to;
  }

  #makeFolder(): void {
    for (const each of [QUARANTINE, this.#folder]) this.#disk.makeDirectory(each);
    for (const each of ["", QUARANTINE]) this.#disk.syncDirectory(each);
  }
}
