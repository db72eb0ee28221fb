/**
 * Attributes: sets what an entry has beside its content, in the order that keeps all of it: owner first
 * (which clears set-user-ID and capabilities), then mode, extended attributes, and times last.
 */
import { chmodSync, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync } from "node:fs";
import type { Entry } from "../model/entry.js";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";

/** Who restores, and what the machine lets them do. */
export interface Restorer {
  readonly uid: number;
  readonly gid: number;
  /** Bits that the kernel takes away from new files' modes. */
  readonly umask: number;
}

/** Takes what could not be set, and why. */
export type OnLimit = (limit: string) => void;

/** How an entry is reached: a descriptor, or a path without following a link. */
export type Handle = { readonly descriptor: number } | { readonly path: SystemPath };

/** What the file has already, so that it need not be set. */
export interface Standing {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Whether it may have extended attributes that the entry has not: those it was given by its directory, for instance. */
  readonly mayHaveXattrs: boolean;
}

/** Sets the attributes of an entry. A symbolic link has no mode of its own. */
export function setAttributes(
  handle: Handle,
  entry: Entry,
  standing: Standing,
  onLimit: OnLimit,
): void {
  const isDescriptor = "descriptor" in handle;
  let mode = standing.mode;
  if (standing.uid !== entry.uid || standing.gid !== entry.gid) {
    try {
      if (isDescriptor) fchownSync(handle.descriptor, entry.uid, entry.gid);
      else lchownSync(handle.path as string, entry.uid, entry.gid);
      mode = -1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
      onLimit("owners were not restored: only root may give files away");
    }
  }
  if (entry.kind !== "symlink" && mode !== entry.mode) {
    if (isDescriptor) fchmodSync(handle.descriptor, entry.mode);
    else chmodSync(handle.path, entry.mode);
  }
  setXattrs(handle, entry, standing.mayHaveXattrs, onLimit);
  setTimes(handle, entry, onLimit);
}

function setXattrs(handle: Handle, entry: Entry, mayHaveOthers: boolean, onLimit: OnLimit): void {
  if (entry.xattrs.length === 0 && !mayHaveOthers) return;
  const calls = systemCalls();
  if ("unavailable" in calls) {
    if (entry.xattrs.length > 0)
      onLimit(`extended attributes were not restored: ${calls.unavailable}`);
    return;
  }
  const isDescriptor = "descriptor" in handle;
  if (mayHaveOthers) {
    const present = isDescriptor
      ? calls.readExtendedAttributesFd(handle.descriptor)
      : calls.readExtendedAttributes(handle.path);
    for (const { name } of present) {
      if (entry.xattrs.some((each) => each.name.equals(name))) continue;
      attempt(name, onLimit, () =>
        isDescriptor
          ? calls.removeExtendedAttributeFd(handle.descriptor, name)
          : calls.removeExtendedAttribute(handle.path, name),
      );
    }
  }
  for (const { name, value } of entry.xattrs) {
    attempt(name, onLimit, () =>
      isDescriptor
        ? calls.setExtendedAttributeFd(handle.descriptor, name, value)
        : calls.setExtendedAttribute(handle.path, name, value),
    );
  }
}

/** A namespace may need privileges, and not every file system keeps every namespace. */
function attempt(name: Buffer, onLimit: OnLimit, action: () => void): void {
  try {
    action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "EACCES", "EINVAL"].includes(code)) throw error;
    onLimit(
      `extended attribute ${name.toString()} was not restored: ${code}, the file system or this user may not`,
    );
  }
}

function setTimes(handle: Handle, entry: Entry, onLimit: OnLimit): void {
  const calls = systemCalls();
  const isDescriptor = "descriptor" in handle;
  if ("unavailable" in calls) {
    onLimit(`times were restored to the microsecond only: ${calls.unavailable}`);
    const seconds = entry.mtimeSeconds + entry.mtimeNanoseconds / 1e9;
    if (isDescriptor) futimesSync(handle.descriptor, seconds, seconds);
    else lutimesSync(handle.path as string, seconds, seconds);
  } else if (isDescriptor)
    calls.setTimesFd(handle.descriptor, entry.mtimeSeconds, entry.mtimeNanoseconds);
  else calls.setTimes(handle.path, entry.mtimeSeconds, entry.mtimeNanoseconds);
}
