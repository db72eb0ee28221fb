import type { Engine } from "#dist/snapshot/engine.js";

/** A transaction of the catalog. */
export type CatalogCall =
  | "acquirePack"
  | "commit"
  | "commitMove"
  | "releasePacks"
  | "retirePack"
  | "noteDirectory";

const calls: readonly string[] = [
  "acquirePack",
  "commit",
  "commitMove",
  "releasePacks",
  "retirePack",
  "noteDirectory",
] satisfies CatalogCall[];

/** Returns the engine with a catalog that tells before and after each transaction. */
export function watchEngine(
  engine: Engine,
  onCall: (moment: "before" | "after", call: CatalogCall) => void,
): Engine {
  const catalog = new Proxy(engine.catalog, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (!calls.includes(String(property))) return method;
      return (...args: unknown[]) => {
        onCall("before", property as CatalogCall);
        const result = method(...args);
        onCall("after", property as CatalogCall);
        return result;
      };
    },
  });
  return { ...engine, catalog };
}
