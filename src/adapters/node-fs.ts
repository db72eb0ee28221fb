/**
 * Node fs: an overlay as an object of the shape of node:fs, for packages that are handed one, isomorphic-git for instance.
 *
 * Its calls are bound: they can be taken off the object. Those that call back do so after whoever made them has returned.
 */
import { constants } from "node:fs";
import type { Overlay } from "../overlay/overlay.js";
import { OverlayFiles } from "../overlay/overlay-files.js";
import type { SyncFiles } from "../overlay/sync-files.js";

/** The synchronous calls of node:fs. */
export type SyncCalls = {
  readonly [Name in keyof SyncFiles as Name extends `${string}Sync`
    ? Name
    : never]: SyncFiles[Name];
};

/** The calls of node:fs/promises. */
export type PromiseCalls = {
  readonly [Name in Exclude<keyof OverlayFiles, "sync">]: OverlayFiles[Name];
} & {
  /** Those of node:fs. */
  readonly constants: typeof constants;
};

/** The calls of node:fs that call back, with the parameters of the synchronous ones. */
export type CallbackCalls = {
  readonly [Name in keyof SyncCalls as CallbackName<Name>]: CalledBack<SyncCalls[Name]>;
};

/** A name without `Sync`; `exists` has a callback of its own kind. */
export type CallbackName<Name extends string> = Name extends "existsSync"
  ? never
  : Name extends `${infer Call}Sync`
    ? Call
    : never;

/** A call that calls back, of a synchronous one. */
export type CalledBack<Call> = Call extends (...parameters: infer Parameters) => infer Result
  ? WithCallback<Parameters, Result> extends infer All extends unknown[]
    ? (...parameters: All) => void
    : never
  : never;

/** Parameters, of which those that may be left out still may be, and a callback behind them. */
export type WithCallback<Parameters extends unknown[], Result> = number extends Parameters["length"]
  ? never
  : Parameters extends []
    ? [callback: Callback<Result>]
    : Parameters extends [infer First, ...infer Rest]
      ? [First, ...WithCallback<Rest, Result>]
      : Parameters extends [(infer First)?, ...infer Rest]
        ? [callback: Callback<Result>] | [First | undefined, ...WithCallback<Rest, Result>]
        : never;

/** Is told what a call gave, or why it could not be carried out. Reading and writing tell the buffer too. */
export type Callback<Result> = (
  error: NodeJS.ErrnoException | null,
  result: Result,
  ...more: never[]
) => void;

/** An overlay in the shape of node:fs. */
export type NodeFs = SyncCalls &
  CallbackCalls & {
    /** The calls of node:fs/promises. */
    readonly promises: PromiseCalls;
    /** Those of node:fs. */
    readonly constants: typeof constants;
    /** As fs.exists. */
    readonly exists: (path: string | Buffer | URL, callback: (exists: boolean) => void) => void;
    /** As fs.createReadStream. */
    readonly createReadStream: Overlay["createReadStream"];
    /** As fs.createWriteStream. */
    readonly createWriteStream: Overlay["createWriteStream"];
  };

/**
 * Returns an overlay in the shape of node:fs. It costs some hundred closures and keeps nothing: several of one overlay are the same.
 *
 * @example
 * const fs = nodeFs(store.overlay("before"));
 * await git.log({ fs, dir: "/" });
 */
export function nodeFs(overlay: Overlay): NodeFs {
  const { sync } = overlay;
  const calls: Record<string, unknown> = {
    promises: promiseCalls(overlay),
    constants,
    createReadStream: overlay.createReadStream.bind(overlay),
    createWriteStream: overlay.createWriteStream.bind(overlay),
  };
  for (const name of syncNames(sync)) {
    const call = (sync[name as keyof SyncFiles] as Call).bind(sync);
    calls[name] = call;
    calls[name.slice(0, -"Sync".length)] = calledBack(name, call);
  }
  return calls as unknown as NodeFs;
}

type Call = (...parameters: unknown[]) => unknown;

/** What is handed over as it was, behind the result. */
const TRANSFERS = new Set(["readSync", "writeSync", "readvSync", "writevSync"]);

function syncNames(sync: SyncFiles): string[] {
  return namesOf(sync).filter((name) => name.endsWith("Sync"));
}

function promiseCalls(overlay: Overlay): Record<string, unknown> {
  const calls: Record<string, unknown> = { constants };
  for (const name of namesOf(OverlayFiles.prototype))
    if (name !== "constructor")
      calls[name] = (overlay[name as keyof OverlayFiles] as Call).bind(overlay);
  return calls;
}

/** Returns the names that an object and what it inherits from have. */
function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let level = object; level !== Object.prototype; level = Object.getPrototypeOf(level))
    for (const name of Object.getOwnPropertyNames(level)) names.add(name);
  return [...names];
}

function calledBack(name: string, call: Call): (...parameters: unknown[]) => void {
  return (...given) => {
    const callback = given.pop();
    if (typeof callback !== "function")
      throw Object.assign(
        new TypeError(
          `The "cb" argument must be of type function. Received ${callback === null ? "null" : typeof callback}`,
        ),
        { code: "ERR_INVALID_ARG_TYPE" },
      );
    let outcome: unknown[];
    try {
      const result = call(...given);
      outcome = name === "existsSync" ? [result] : [null, result];
      if (TRANSFERS.has(name)) outcome.push(given[1]);
    } catch (error) {
      outcome = [error];
    }
    process.nextTick(callback as Call, ...outcome);
  };
}
