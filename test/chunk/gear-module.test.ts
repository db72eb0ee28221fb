import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import createWabt from "wabt";
import { gearModuleBase64 } from "#dist/chunk/gear-module.js";

test("the embedded module is gear.wat assembled", async () => {
  const source = await readFile(new URL("../../src/chunk/gear.wat", import.meta.url), "utf8");
  const wabt = await createWabt();
  const module = wabt.parseWat("gear.wat", source);
  module.resolveNames();
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  expect(Buffer.from(buffer).toString("base64")).toBe(gearModuleBase64);
});
