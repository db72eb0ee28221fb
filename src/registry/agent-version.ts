/**
 * Agent version: what the registry tells of an upload.
 */
import type { Digest } from "../model/digest.js";
import type { AgentAuth } from "./agent-auth.js";

/** What is run: a line for the shell, or a program and its arguments. */
export type Entrypoint = string | readonly string[];

/** A version of an agent, as it was uploaded. Nothing of it ever changes but its tags. */
export interface AgentVersion {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The agent's name. */
  readonly name: string;
  /** Counted up for each name from 1; the number of a deleted version is not given again. */
  readonly version: number;
  /** The tags that it has now, sorted; `latest` among them where no higher version is there. */
  readonly tags: readonly string[];
  /** Of the bundle's bytes: the same bytes have the same digest. Of a directory or a snapshot, that of the snapshot. */
  readonly digest: Digest;
  /** Id of the snapshot with its files. It is pinned: nothing removes it while the version is there. */
  readonly snapshot: string;
  /** Content address of that snapshot. */
  readonly snapshotDigest: Digest;
  /** Size of the bundle; `undefined` where it was uploaded from a directory or a snapshot. */
  readonly sizeBytes: number | undefined;
  /** Entries in its snapshot. */
  readonly entryCount: number;
  /** Sum of the sizes of all files in its snapshot. */
  readonly totalBytes: number;
  /** What it runs on, in the words of whoever uploaded it. */
  readonly runtime: string | undefined;
  /** What `launch` returns to be run. */
  readonly entrypoint: Entrypoint;
  /** Free words. */
  readonly labels: Readonly<Record<string, string>>;
  /** What it needs to be launched. */
  readonly auth: AgentAuth;
  /** When it was uploaded. */
  readonly createdAt: Date;
}

/** Which version of an agent: a record of it, a number, a tag, or else the latest. */
export interface VersionReference {
  /** The agent's name. */
  readonly name: string;
  /** Its number. Not together with `tag`. */
  readonly version?: number;
  /** One of its tags. @default "latest" */
  readonly tag?: string;
}

/** Returns how a version is called: `name@number`, `name:tag` or `name`. */
export function versionText({ name, version, tag }: VersionReference): string {
  if (version !== undefined) return `${name}@${version}`;
  return tag === undefined ? name : `${name}:${tag}`;
}
