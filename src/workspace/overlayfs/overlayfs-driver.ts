/**
 * Overlayfs drivers: workspaces as overlays of the kernel's, on images or on checkouts.
 */

import { CoppiceError } from "../../model/error.js";
import type { Engine } from "../../snapshot/engine.js";
import { systemCalls } from "../../system/system-calls.js";
import type { Driver } from "../driver.js";
import { CheckoutLayers } from "./checkout-layers.js";
import { ImageLayers } from "./image-layers.js";
import { LowerLayers } from "./lower-layers.js";
import { OverlayFiles } from "./overlay-files.js";
import { imageProblem, overlayProblem } from "./probe-overlayfs.js";

/** Unmounts the images that no workspace stands on. */
export function hideUnusedImages(engine: Engine): void {
  const calls = systemCalls();
  if ("unavailable" in calls) return;
  const kind = new ImageLayers(engine, calls);
  if (kind.shown().length === 0) return;
  const layers = new LowerLayers(engine, kind, "overlayfs");
  engine.catalog.workspaces.alone(() => layers.hideUnused());
}

/** Returns a driver on a store. */
export function overlayfsDriver(engine: Engine, name: "overlayfs" | "overlayfs-checkout"): Driver {
  let layers: LowerLayers | undefined;
  let tried: { readonly problem: string | undefined } | undefined;
  const calls = systemCalls();
  return {
    name,
    canBeReadOnly: true,
    // The directory does not matter: what programs change lies in the store.
    async problem() {
      if ("unavailable" in calls) return calls.unavailable;
      const isOfImages = name === "overlayfs";
      tried ??= { problem: await (isOfImages ? imageProblem : overlayProblem)(engine, calls) };
      return tried.problem;
    },
    files(workspace) {
      if ("unavailable" in calls)
        throw new CoppiceError("UNSUPPORTED", `Cannot use driver ${name}: ${calls.unavailable}`);
      layers ??= new LowerLayers(
        engine,
        name === "overlayfs" ? new ImageLayers(engine, calls) : new CheckoutLayers(engine),
        name,
      );
      return new OverlayFiles(engine, calls, layers, workspace);
    },
  };
}
