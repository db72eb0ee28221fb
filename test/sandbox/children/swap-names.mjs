// Swaps a directory with a link that leads out of the sandbox, over and over, until it is killed.
//
// usage: node swap-names.mjs <directory> <where the link leads>
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const [directory, outside] = process.argv.slice(2);
const at = (name) => join(directory, name);
mkdirSync(at("real"), { recursive: true });
symlinkSync(outside, at("link"));
console.log("begun");
for (let round = 0; ; round++)
  for (const each of ["real", "link"])
    try {
      renameSync(at(each), at("name"));
      renameSync(at("name"), at(each));
    } catch {
      // Somebody has made a directory of that name.
      renameSync(at("name"), at(`other-${round}`));
    }
