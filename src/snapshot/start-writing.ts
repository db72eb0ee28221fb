/**
 * Start writing: what every call that changes a store does first.
 */
import type { Engine } from "./engine.js";
import { keepReserve } from "./reserve.js";

/** What was being written when its process died (see `Disk.replace`, `writeImage`, `CheckoutLayers`). */
const UNFINISHED = /\.[0-9a-f]{16}\.tmp$/;

/**
 * Starts this process's session on a store; the first time, what dead processes left is cleared.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function startWriting({ catalog, disk }: Pick<Engine, "catalog" | "disk">): void {
  catalog.beginWriting(() => {
    for (const folder of ["cache", "images"]) {
      for (const name of disk.list(folder))
        if (UNFINISHED.test(name)) disk.remove(`${folder}/${name}`);
    }
    // Directories, which take a while to delete.
    const checkouts = disk.list("checkouts").filter((name) => UNFINISHED.test(name));
    const directories = [
      ...checkouts.map((name) => ["checkouts", name] as const),
      ...disk.list("probes").map((name) => ["probes", name] as const),
    ];
    if (directories.length > 0) disk.makeDirectory("trash");
    for (const [folder, name] of directories) disk.rename(`${folder}/${name}`, `trash/${name}`);
    keepReserve(disk);
  });
}
