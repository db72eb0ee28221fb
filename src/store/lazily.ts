/**
 * Lazily: modules that are loaded when they are first needed.
 */

/** Returns a function that uses a module, which it loads the first time. */
export function lazily<Module>(load: () => Promise<Module>) {
  let loaded: Module | undefined;
  const whenLoaded = async <T>(use: (module: Module) => Promise<T>): Promise<T> => {
    if (loaded !== undefined) return use(loaded);
    loaded = await load();
    return use(loaded);
  };
  const ifLoaded = async (use: (module: Module) => Promise<void>): Promise<void> =>
    loaded === undefined ? undefined : use(loaded);
  return Object.assign(whenLoaded, { ifLoaded });
}
