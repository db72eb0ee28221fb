/**
 * The ledger's tables of agents.
 */
export const AGENTS = ``;
