/** Projects for package managers and compilers to work on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../support/run.js";

/** The package's own dependencies are what there is to install and to compile with. */
export const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Makes a package that depends on three others, which lie beside it. */
export async function makePackage(directory: string): Promise<void> {
  const names = ["commander", "ignore", "picomatch"];
  for (const name of names) {
    mkdirSync(join(directory, "packed"), { recursive: true });
    const archive = join(directory, "packed", `${name}.tgz`);
    await run("tar", [
      "--create",
      "--gzip",
      "--file",
      archive,
      `--transform=s/^${name}/package/`,
      "-C",
      modules,
      name,
    ]);
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:packed/${name}.tgz`]));
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name: "own", version: "1.0.0", private: true, dependencies }),
  );
}

/** Makes a program of two files of C, with what make(1) needs. */
export function makeProgram(directory: string): void {
  writeFileSync(
    join(directory, "main.c"),
    '#include <stdio.h>\nint other(void);\nint main(void) { return printf("%d\\n", other()) < 0; }\n',
  );
  writeFileSync(join(directory, "other.c"), "int other(void) { return 42; }\n");
  writeFileSync(
    join(directory, "Makefile"),
    "program: main.o other.o\n\t@echo ld; $(CC) -o $@ $^\n%.o: %.c\n\t@echo cc $*; $(CC) -c -o $@ $<\n",
  );
}

/** Makes a project of two files of TypeScript. */
export function makeProject(directory: string): void {
  writeFileSync(
    join(directory, "sum.ts"),
    "export const sum = (...all: number[]): number => all.reduce((a, b) => a + b, 0);\n",
  );
  writeFileSync(
    join(directory, "main.ts"),
    "import { sum } from './sum';\ndeclare const console: { log(text: string): void };\nconsole.log('in all ' + sum(1, 2, 3));\n",
  );
  // Whatever lies above the directory.
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "commonjs" }));
  const compilerOptions = {
    outDir: "out",
    incremental: true,
    strict: true,
    module: "commonjs",
    moduleResolution: "node10",
    ignoreDeprecations: "6.0",
    target: "es2020",
    rootDir: ".",
    types: [],
  };
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["main.ts"] }),
  );
}
