/**
 * Check drivers: in which ways workspaces can be made, found by trying them, and what is wrong with those that are there.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandStore } from "../../store/command-store.js";
import { formatCount } from "../output/format-count.js";
import type { Check } from "./check.js";

/** Tries the drivers in a store, or where there is none in the directory for temporary files. */
export async function checkDrivers(storeDirectory: string | undefined): Promise<Check[]> {
  const scratch =
    storeDirectory === undefined ? mkdtempSync(join(tmpdir(), "coppice-doctor-")) : undefined;
  try {
    const isNew = scratch !== undefined;
    const directory = storeDirectory ?? join(scratch as string, "store");
    const store = await CommandStore.open(directory, { create: isNew });
    try {
      const checks = [...(await driverChecks(store))];
      if (storeDirectory !== undefined)
        checks.push(...(await workspaceChecks(store)), await leftoverCheck(store));
      return checks;
    } finally {
      await store.close();
    }
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

async function driverChecks(store: CommandStore): Promise<Check[]> {
  const reports = await store.drivers();
  const best = reports.find(({ problem }) => problem === undefined)?.name;
  return reports.map(({ name, problem }) => {
    if (problem !== undefined) return { name, status: "warning", message: problem };
    return { name, status: "ok", message: name === best ? "works, and is used" : "works" };
  });
}

async function workspaceChecks(store: CommandStore): Promise<Check[]> {
  const broken = (await store.workspaces()).filter(({ isWhole }) => !isWhole);
  return broken.map(({ id, path }) => ({
    name: "workspace",
    status: "warning",
    message: `${path} is being made, restored or discarded, or whoever did that was stopped`,
    remedy: `coppice rollback ${id}, or coppice discard ${id}`,
  }));
}

async function leftoverCheck(store: CommandStore): Promise<Check> {
  const { directories, mounts } = await store.clearLeftovers();
  const message =
    directories + mounts === 0
      ? "nothing of killed processes"
      : `cleared of killed processes: ${formatCount(directories)} directories, ${formatCount(mounts)} mounts`;
  return { name: "leftovers", status: "ok", message };
}
