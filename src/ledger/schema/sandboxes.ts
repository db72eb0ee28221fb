/**
 * The ledger's tables of sandboxes.
 */
export const SANDBOXES = ``;
