/**
 * File options: what the calls of node:fs take, as far as overlays know them.
 */

/** Bytes that can be written; text is written in UTF-8 unless told otherwise. */
export type Data = string | NodeJS.ArrayBufferView;

/** Seconds since 1970, as a number or digits, or a date. */
export type Time = number | string | Date;

/** How statuses are given. */
export interface StatOptions {
  /** Whether numbers are BigInts, and times are told in nanoseconds too. @default false */
  readonly bigint?: boolean | undefined;
}

/** Where in a buffer a call reads to, and where in the file. */
export interface ReadOptions {
  /** The buffer's first byte. @default 0 */
  readonly offset?: number | null | undefined;
  /** How many bytes at most. @default what fits */
  readonly length?: number | null | undefined;
  /** `null` for where the last call ended. */
  readonly position?: number | bigint | null | undefined;
}

/** The encoding of text, or of names. */
export type Encoding = BufferEncoding | "buffer" | null;

/** How something is read: an encoding alone, or with options. */
export type EncodingOptions =
  | Encoding
  | {
      /** @default bytes for files, "utf8" for names */
      readonly encoding?: Encoding | undefined;
    }
  | undefined;

/** How a file is written. */
export interface WriteFileOptions {
  /** Of text. @default "utf8" */
  readonly encoding?: BufferEncoding | null | undefined;
  /** Of a file that is made. @default 0o666, less what the umask takes */
  readonly mode?: string | number | undefined;
  /** @default "w", and "a" for appending */
  readonly flag?: string | number | undefined;
}

/** How a file is written from what yields it. */
export type WriteSourceOptions = WriteFileOptions & {
  /** Ends it between two pieces; what was written until then stays. */
  readonly signal?: AbortSignal | undefined;
};

/** How a directory is made. */
export interface MkdirOptions {
  /** Whether those above it are made too, and one that is there is fine. @default false */
  readonly recursive?: boolean | undefined;
  /** @default 0o777, less what the umask takes */
  readonly mode?: string | number | undefined;
}

/** Whether a path is copied to another one. */
export type CopyFilter = (source: string, destination: string) => boolean;

/** How something is removed. */
export interface RmOptions {
  /** Whether a directory goes with all that is in it. @default false */
  readonly recursive?: boolean | undefined;
  /** Whether it is fine that nothing is there. @default false */
  readonly force?: boolean | undefined;
  /** Is of no use here: nobody else holds on to what is in an overlay. */
  readonly maxRetries?: number | undefined;
  /** Is of no use here. */
  readonly retryDelay?: number | undefined;
}

/** Statuses, and what becomes of a path that is not there. */
export interface StatSyncOptions extends StatOptions {
  /** Whether a missing name is an error; else it is `undefined`. @default true */
  readonly throwIfNoEntry?: boolean | undefined;
}

/** Bytes, text, or what yields them. */
export type Source = Data | Iterable<Data> | AsyncIterable<Data>;

/** How a file is read. */
export interface ReadFileOptions {
  /** Where it is given, the file comes as text. */
  readonly encoding?: BufferEncoding | null | undefined;
  /** @default "r" */
  readonly flag?: string | number | undefined;
  /** Stops what has not begun yet. */
  readonly signal?: AbortSignal | undefined;
}

/** That a file comes as text. */
export type TextOptions =
  | BufferEncoding
  | (ReadFileOptions & {
      /** Of the text. */
      readonly encoding: BufferEncoding;
    });

/** That a file comes as bytes. */
export type BytesOptions =
  | null
  | (ReadFileOptions & {
      /** None: bytes have none. */
      readonly encoding?: null | undefined;
    });

/** That names come as text. */
export type NamesOptions =
  | BufferEncoding
  | null
  | {
      /** Of names. @default "utf8" */
      readonly encoding?: BufferEncoding | null | undefined;
    };

/** That names come as bytes. */
export type BufferNames =
  | "buffer"
  | {
      /** Of names. */
      readonly encoding: "buffer";
    };

/** That numbers are BigInts. */
export type BigIntOptions = StatOptions & {
  /** Whether they are. */
  readonly bigint: true;
};

/** That numbers are numbers. */
export type NumberOptions = StatOptions & {
  /** Whether they are not. */
  readonly bigint?: false | undefined;
};

/** That a missing name is `undefined`. */
export interface MayBeMissing {
  /** Whether it is an error. */
  readonly throwIfNoEntry: false;
}

/** That a missing name is an error. */
export interface MustBeThere {
  /** Whether it is. */
  readonly throwIfNoEntry?: true | undefined;
}
