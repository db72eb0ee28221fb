/**
 * Run job: does one check job, in whatever thread.
 */
import type { Disk, DiskFile } from "../../disk/disk.js";
import { isUnreadable } from "../../model/system-failure.js";
import { searchRecords } from "../../pack/find-index-record.js";
import { openPack } from "../../pack/open-pack.js";
import { receivedBytes } from "../../threads/posted.js";
import { ChunkChecker } from "./check-chunks.js";
import type { CheckJob, CheckResult } from "./check-job.js";
import { checkStructure } from "./check-structure.js";
import { isDamage } from "./is-damage.js";

/** Does jobs one after the other. */
export class JobRunner {
  readonly #disk: Disk;
  readonly #storeId: string;
  readonly #checker = new ChunkChecker();

  constructor(disk: Disk, storeId: string) {
    this.#disk = disk;
    this.#storeId = storeId;
  }

  run(job: CheckJob): CheckResult {
    const { name } = job;
    if (job.type === "structure") {
      const identity = { storeId: this.#storeId, name };
      return checkStructure(this.#disk, identity, job.lengthBytes, receivedBytes(job.rows));
    }
    let isReadable = true;
    const onUnreadable = () => {
      isReadable = false;
    };
    const file = this.#open(name, onUnreadable);
    try {
      if (job.type === "chunks")
        return this.#checker.check(file, receivedBytes(job.rows), job.deep);
      if (file === undefined) return { records: [], isReadable };
      const records = [...searchRecords(file, name, job, onUnreadable)];
      return { records, isReadable };
    } finally {
      file?.close();
    }
  }

  #open(name: string, onUnreadable: () => void): DiskFile | undefined {
    try {
      return openPack(this.#disk, { storeId: this.#storeId, name }, "read");
    } catch (error) {
      if (!isDamage(error)) throw error;
      if (isUnreadable(error)) onUnreadable();
      return undefined; // Who asks for its structure is told why.
    }
  }
}
