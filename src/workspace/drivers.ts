/**
 * Drivers: which there are, and which one a workspace gets.
 */
import { CoppiceError } from "../model/error.js";
import type { Engine } from "../snapshot/engine.js";
import type { Driver, DriverName } from "./driver.js";
import { DRIVER_NAMES } from "./driver.js";
import { overlayfsDriver } from "./overlayfs/overlayfs-driver.js";
import { plainDriver } from "./plain/plain-driver.js";

/** Whether a driver can be used. */
export interface DriverReport {
  /** The driver. */
  readonly name: DriverName;
  /** What keeps it from working, with the remedy; absent where nothing does. */
  readonly problem?: string;
}

/** A driver, and why not a better one. */
export interface ChosenDriver {
  readonly driver: Driver;
  readonly passedOver: readonly Required<DriverReport>[];
}

const made = new WeakMap<Engine, ReadonlyMap<DriverName, Driver>>();

/** Returns a store's driver of a name. */
export function driverOf(engine: Engine, name: DriverName): Driver {
  const driver = driversOf(engine).get(name);
  if (driver !== undefined) return driver;
  throw new CoppiceError(
    "UNSUPPORTED",
    `Cannot use driver ${JSON.stringify(name)}: this version knows ${DRIVER_NAMES.join(", ")}; use the version that made the workspace`,
  );
}

/** Tries every driver on a directory; best first. */
export async function reportDrivers(engine: Engine, directory: string): Promise<DriverReport[]> {
  const reports: DriverReport[] = [];
  for (const driver of driversOf(engine).values()) {
    const problem = await driver.problem(directory);
    reports.push({ name: driver.name, ...(problem !== undefined && { problem }) });
  }
  return reports;
}

/**
 * Returns the best driver for a directory.
 *
 * @param wanted the only one that will do
 * @param isReadOnly whether nobody is to write to the workspace
 * @throws {CoppiceError} UNSUPPORTED, with the reason
 */
export async function chooseDriver(
  engine: Engine,
  directory: string,
  wanted: DriverName | undefined,
  isReadOnly: boolean,
): Promise<ChosenDriver> {
  const passedOver: Required<DriverReport>[] = [];
  const candidates = wanted === undefined ? DRIVER_NAMES : [wanted];
  for (const name of candidates) {
    const driver = driverOf(engine, name);
    const problem =
      isReadOnly && !driver.canBeReadOnly
        ? "nobody could be kept from writing to its directories, take a driver that mounts"
        : await driver.problem(directory);
    if (problem === undefined) return { driver, passedOver };
    passedOver.push({ name, problem });
  }
  const reasons = passedOver.map(({ name, problem }) => `${name}: ${problem}`).join("; ");
  throw new CoppiceError("UNSUPPORTED", `Cannot make workspace in ${directory}: ${reasons}`, {
    path: directory,
  });
}

function driversOf(engine: Engine): ReadonlyMap<DriverName, Driver> {
  let drivers = made.get(engine);
  if (drivers === undefined) {
    const all = [
      overlayfsDriver(engine, "overlayfs"),
      overlayfsDriver(engine, "overlayfs-checkout"),
      plainDriver(engine, "clone"),
      plainDriver(engine, "copy"),
    ];
    made.set(engine, (drivers = new Map(all.map((driver) => [driver.name, driver]))));
  }
  return drivers;
}
