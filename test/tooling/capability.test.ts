import { expect, test } from "vitest";
import { capability, parseCapabilities } from "./capability.js";
import { demand, testIf } from "./test-if.js";

/** What the machine is found to lack when no tool can be started. It stays so in this process. */
const reason = "spawnSync setfacl ENOENT";
const path = process.env.PATH;
process.env.PATH = "";
const acl = capability("acl");
process.env.PATH = path;

/** Takes the reason and ends the test, as Vitest's context does. */
const context = {
  skip: (note?: unknown): never => {
    throw new Error(`skipped: ${note}`);
  },
};

test("capability() says what stood in the way", () => {
  expect(acl).toEqual({ available: false, reason });
});

test("parseCapabilities() refuses a name it does not know", () => {
  expect(parseCapabilities("koffi,root")).toEqual(["koffi", "root"]);
  expect(parseCapabilities("")).toEqual([]);
  expect(() => parseCapabilities("koffi,wings")).toThrow(RangeError);
});

test("a test whose capability is missing is skipped and says why", () => {
  expect(() => demand("acl", context, [])).toThrow(`skipped: needs acl: ${reason}`);
});

test("a test whose capability is missing fails where that is required", () => {
  expect(() => demand("acl", context, ["acl"])).toThrow(`acl is required, but ${reason}`);
});

testIf("root", "a test runs where its capability is there", () => {
  expect(process.geteuid?.()).toBe(0);
});
