/** Attributes that change between two system calls: the change is made at exactly that moment. */

import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import {
  type ExtendedAttributeCalls,
  extendedAttributeCalls,
} from "#dist/system/extended-attributes.js";
import { loadNativeLibrary, type NativeLibrary } from "#dist/system/native-library.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

testIf(
  ["koffi", "xattr"],
  "an attribute that is removed after it was listed was never there",
  (context) => {
    const { file, calls, before } = withFile(context, { "user.a": "1", "user.b": "2" });
    before("lgetxattr", () => calls.removeExtendedAttribute(file, Buffer.from("user.a")));
    expect(textOf(calls, file)).toEqual(["user.b=2"]);
  },
);

testIf(
  ["koffi", "xattr"],
  "a value that grows after it was found too long is read whole",
  (context) => {
    const { file, calls, before } = withFile(context, { "user.a": "x".repeat(1500) });
    let count = 0;
    before("lgetxattr", () => {
      if ((count += 1) === 2)
        calls.setExtendedAttribute(file, Buffer.from("user.a"), Buffer.alloc(3000, "y"));
    });
    expect(textOf(calls, file)).toEqual([`user.a=${"y".repeat(3000)}`]);
  },
);

testIf(
  ["koffi", "xattr"],
  "a list that grows after it was found too long is read whole",
  (context) => {
    const names = Array.from({ length: 5 }, (_, index) => `user.${index}`.padEnd(250, "n"));
    const { file, calls, before } = withFile(
      context,
      Object.fromEntries(names.map((name) => [name, ""])),
    );
    let count = 0;
    before("llistxattr", () => {
      if ((count += 1) === 2)
        calls.setExtendedAttribute(file, Buffer.from("user.last"), Buffer.alloc(0));
    });
    expect(textOf(calls, file)).toEqual([...names, "user.last"].map((name) => `${name}=`));
    expect(count).toBe(2);
  },
);

testIf("koffi", "a file system that knows no attributes has none", (context) => {
  demandSystemCalls(context);
  const library = realLibrary();
  const calls = extendedAttributeCalls({
    ...library,
    declare: (prototype) =>
      prototype.includes("listxattr") ? () => -1 : library.declare(prototype),
    errno: () => constants.errno.ENOTSUP,
  });
  expect(calls.readExtendedAttributes("/")).toEqual([]);
  expect(calls.readExtendedAttributes("/")).toBe(calls.readExtendedAttributes("/etc"));
});

/** A file with attributes, and the calls with a hook before one of them. */
function withFile(
  context: Parameters<typeof demandSystemCalls>[0],
  attributes: Readonly<Record<string, string>>,
): {
  file: string;
  calls: ExtendedAttributeCalls;
  before: (name: string, hook: () => void) => void;
} {
  demandSystemCalls(context);
  const library = realLibrary();
  const hooks = new Map<string, () => void>();
  const calls = extendedAttributeCalls({
    ...library,
    declare(prototype) {
      const call = library.declare(prototype);
      const name = /(\w+)\(/.exec(prototype)?.[1] ?? "";
      return (...args) => {
        hooks.get(name)?.();
        return call(...args);
      };
    },
  });
  const file = join(scratchDirectory(), "file");
  writeFileSync(file, "");
  for (const [name, value] of Object.entries(attributes)) {
    calls.setExtendedAttribute(file, Buffer.from(name), Buffer.from(value));
  }
  return {
    file,
    calls,
    before(name, hook) {
      let running = false;
      // The hook makes calls itself.
      hooks.set(name, () => {
        if (running) return;
        running = true;
        try {
          hook();
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENODATA") throw error;
        } finally {
          running = false;
        }
      });
    },
  };
}

function realLibrary(): NativeLibrary {
  const library = loadNativeLibrary();
  if ("unavailable" in library) throw new Error(library.unavailable);
  return library;
}

function textOf(calls: ExtendedAttributeCalls, file: string): string[] {
  return calls
    .readExtendedAttributes(file)
    .map(({ name, value }) => `${name}=${value}`)
    .filter((text) => text.startsWith("user."));
}
