/**
 * The ledger's tables of profiles.
 */
export const PROFILES = ``;
