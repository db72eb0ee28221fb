/**
 * Remove if free: a snapshot goes, unless something else needs it.
 */
import type { Store } from "../store.js";

/**
 * Removes a snapshot; its children become its parents'.
 *
 * @returns whether it is gone; it stays where it is pinned, or where a workspace stands on it
 */
export async function removeIfFree(store: Pick<Store, "remove">, id: string): Promise<boolean> {
  try {
    await store.remove(id, { reparent: true });
    return true;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "NOT_FOUND") return true;
    if (code === "IN_USE") return false;
    throw error;
  }
}
