/**
 * Checkout layers: layers as directories of ordinary files, for kernels that do not mount images from files.
 *
 * Below the store: `checkouts/<layer>`. A layer is written under a temporary name and renamed when all of it is
 * there.
 */

import { randomBytes } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { makeOwnDirectory } from "../../disk/own-files.js";
import type { ImageChange } from "../../image/change-source.js";
import { escapeOverlayXattrs } from "../../image/overlay-xattrs.js";
import type { Entry } from "../../model/entry.js";
import { checkOut } from "../../restore/check-out.js";
import type { DirectoryStep, NameStep } from "../../restore/restore-step.js";
import type { Engine } from "../../snapshot/engine.js";
import { encodeEntry } from "../../tree/entry-codec.js";
import { NewObjects } from "../../tree/new-objects.js";
import type { Root } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { discardLater, trashPath } from "../trash.js";
import { layerTree } from "./layer-tree.js";
import type { LayerKind } from "./lower-layers.js";

export class CheckoutLayers implements LayerKind {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  has(layer: string): boolean {
    return existsSync(this.show(layer));
  }

  async buildFull(layer: string, root: Root, signal: AbortSignal | undefined): Promise<void> {
    await this.#write(layer, this.#engine.objects, root, signal, escaped);
  }

  async buildDelta(
    layer: string,
    changes: readonly ImageChange[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const objects = new NewObjects(this.#engine.objects);
    const root = layerTree(objects, changes.map(escapedChange));
    await this.#write(layer, objects, root, signal, (steps) => steps);
  }

  show(layer: string): string {
    return join(this.#engine.directory, "checkouts", layer);
  }

  shown(): string[] {
    return [];
  }

  hide(): void {
    // A directory takes nothing by being there.
  }

  all(): string[] {
    return this.#engine.disk.list("checkouts").filter((name) => !name.endsWith(".tmp"));
  }

  place(layer: string): string {
    return `checkouts/${layer}`;
  }

  async #write(
    layer: string,
    objects: ObjectSource,
    root: Root,
    signal: AbortSignal | undefined,
    transform: (steps: Iterable<DirectoryStep>) => Iterable<DirectoryStep>,
  ): Promise<void> {
    const engine = this.#engine;
    const final = this.show(layer);
    const temporary = `${final}.${randomBytes(8).toString("hex")}.tmp`;
    makeOwnDirectory(temporary);
    try {
      await checkOut(engine, objects, root, temporary, { signal, transform });
      publish(temporary, final);
    } finally {
      if (existsSync(temporary)) {
        renameSync(temporary, trashPath(engine, layer));
        discardLater(engine);
      }
    }
  }
}

/** Another process may have made the same meanwhile: then that one stays. */
function publish(temporary: string, final: string): void {
  try {
    renameSync(temporary, final);
  } catch (error) {
    if (!existsSync(final)) throw error;
  }
}

function escapedChange(change: ImageChange): ImageChange {
  if (change.kind === "whiteout") return change;
  if (change.kind === "entry")
    return {
      ...change,
      entry: { ...change.entry, xattrs: escapeOverlayXattrs(change.entry.xattrs) },
    };
  const { attributes } = change;
  return {
    ...change,
    attributes: { ...attributes, xattrs: escapeOverlayXattrs(attributes.xattrs) },
  };
}

/** Attributes in which overlayfs would see orders are written as those in which it does not. */
function* escaped(steps: Iterable<DirectoryStep>): Generator<DirectoryStep> {
  for (const step of steps) {
    const attributes = step.attributes && escapedEntry(step.attributes);
    yield { ...step, steps: step.steps.map(escapedStep), attributes };
  }
}

function escapedStep(step: NameStep): NameStep {
  const entry = escapedEntry(step.entry);
  if (entry === step.entry) return step;
  return "record" in step ? { ...step, entry, record: encodeEntry(entry) } : { ...step, entry };
}

function escapedEntry<T extends Entry>(entry: T): T {
  const xattrs = escapeOverlayXattrs(entry.xattrs);
  return xattrs === entry.xattrs ? entry : { ...entry, xattrs };
}
