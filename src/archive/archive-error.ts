/**
 * Archive error: why an archive is refused, in one voice.
 */
import { CoppiceError } from "../model/error.js";
import { reportedPath } from "../model/reported-path.js";

/** How an archive would reach what is not its own, or leave a tree that nobody could tell it was in: the `reason` of `ARCHIVE_UNSAFE`. */
export type UnsafeReason =
  /** A path that begins with `/`. */
  | "absolute-path"
  /** A path with `..` in it. */
  | "parent-path"
  /** A name with a NUL in it: some readers end it there, others do not. */
  | "nul-in-name"
  /** The root itself as something else than a directory. */
  | "root"
  /** A path through a symbolic link of the archive. */
  | "through-link"
  /** A path through something else that is no directory. */
  | "through-file"
  /** Something else in the place of a directory that is not empty. */
  | "replaces-directory"
  /** A symbolic link that leads out of the archive's tree, by whatever links on the way. */
  | "link-outside"
  /** A hard link to what is outside of the archive's tree. */
  | "hard-link-outside"
  /** A hard link to what the archive did not have until then. */
  | "hard-link-missing"
  /** A hard link to a directory. */
  | "hard-link-directory"
  /** A device. */
  | "device"
  /** Names that are one on file systems which ignore case or Unicode's normal forms. */
  | "collision";

/** Which entry of an archive something is about. */
export interface EntryPlace {
  /** From 1 on, in the archive's order. */
  readonly number: number;
  /** As the archive has it; none before it is known. */
  readonly path?: Buffer | undefined;
}

/**
 * Returns the error for what cannot be read.
 *
 * @param state as in `has a checksum that does not fit it`
 */
export function archiveDamaged(state: string, place?: EntryPlace, cause?: unknown): CoppiceError {
  const message = `Cannot read archive: ${subject(place)}${state}, get it again from where it comes from`;
  return new CoppiceError("ARCHIVE_DAMAGED", message, { cause, ...pathOf(place) });
}

/**
 * Returns the error for what is not to be let in.
 *
 * @param state as in `leads out of the archive`
 * @param remedy how it could be had all the same
 */
export function archiveUnsafe(
  reason: UnsafeReason,
  state: string,
  place: EntryPlace,
  remedy = "unpack only archives whose makers you trust, with a tool of their own",
): CoppiceError {
  const message = `Cannot unpack archive: ${subject(place)}${state} (${reason}), ${remedy}`;
  return new CoppiceError("ARCHIVE_UNSAFE", message, { reason, ...pathOf(place) });
}

/**
 * Returns the error for what is beyond a limit.
 *
 * @param limit its name among the options
 */
export function archiveTooLarge(
  limit: string,
  state: string,
  max: number,
  place?: EntryPlace,
): CoppiceError {
  const message = `Cannot unpack archive: ${subject(place)}${state} than ${max}, raise limits.${limit} if it is meant to`;
  return new CoppiceError("ARCHIVE_TOO_LARGE", message, { reason: limit, ...pathOf(place) });
}

function subject(place: EntryPlace | undefined): string {
  if (place === undefined) return "it ";
  const { number, path } = place;
  const name = path === undefined ? "" : ` ${JSON.stringify(reportedPath(path).path)}`;
  return `entry ${number}${name} `;
}

function pathOf(place: EntryPlace | undefined): { path?: string } {
  return place?.path === undefined ? {} : { path: reportedPath(place.path).path };
}
