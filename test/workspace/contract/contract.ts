/** The contract of workspaces: what holds for every driver, wherever it works. */
import { describe } from "vitest";
import { Ground, type Place } from "../ground.js";
import { busyContract } from "./busy-contract.js";
import { captureContract } from "./capture-contract.js";
import { lifecycleContract } from "./lifecycle-contract.js";
import { modelContract } from "./model-contract.js";
import { omitContract } from "./omit-contract.js";
import { refusalContract } from "./refusal-contract.js";
import { restoreContract } from "./restore-contract.js";

/** Declares the tests of the contract for a place. */
export function contract(place: Place): void {
  const ground = new Ground(place);
  for (const [what, declare] of Object.entries({
    captures: captureContract,
    restores: restoreContract,
    lifecycle: lifecycleContract,
    refusals: refusalContract,
    programs: busyContract,
    omissions: omitContract,
    model: modelContract,
  }))
    describe(what, () => declare(ground));
}
