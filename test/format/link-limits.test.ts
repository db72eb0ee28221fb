/** Hard links that no object can hold are refused when they are captured, not when they are read. */
import { expect, test } from "vitest";
import { CHUNK_BYTES_MAX } from "#dist/model/limits.js";
import { decodeLinkGroup, encodeLinkGroup } from "#dist/tree/links-codec.js";
import { decodeNode, encodeChild, encodeNode, NODE_TYPES } from "#dist/tree/node-codec.js";

const LONG = Buffer.alloc(1024 * 1024, "long/");

test("a group of hard links that is larger than a chunk is refused and names the first", () => {
  const paths = (count: number) => [Buffer.from("first"), ...Array<Buffer>(count).fill(LONG)];
  expect(
    decodeLinkGroup(encodeLinkGroup([Buffer.from("first"), Buffer.from("second")])),
  ).toHaveLength(2);
  const most = CHUNK_BYTES_MAX / LONG.length - 1;
  expect(encodeLinkGroup(paths(most)).length).toBeLessThan(CHUNK_BYTES_MAX);
  expect(() => encodeLinkGroup(paths(most + 1))).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED",
      path: "first",
      message: expect.stringContaining(`${most + 2} names`),
    }),
  );
});

test("groups that together are larger than a chunk are refused as well", () => {
  const record = encodeLinkGroup([Buffer.from("a"), ...Array<Buffer>(20).fill(LONG)]);
  const node = encodeNode(NODE_TYPES.links, 0, [record, record, record]);
  expect(decodeNode(node.bytes).records).toHaveLength(3);
  expect(() => encodeNode(NODE_TYPES.links, 0, [record, record, record, record])).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED" }),
  );
});

test("a first path that an index node cannot hold is refused", () => {
  const child = { ...encodeNode(NODE_TYPES.links, 0, []), entryCount: 0, totalBytes: 0 };
  const longest = LONG.subarray(0, 65_535);
  expect(encodeChild({ ...child, firstName: longest }).length).toBeGreaterThan(65_535);
  expect(() => encodeChild({ ...child, firstName: LONG.subarray(0, 65_536) })).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED" }),
  );
});
