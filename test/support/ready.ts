/** Before each file: what opening a store waits for, for tests that open none. */
import { xxh64Ready } from "#dist/hash/xxh64.js";

await xxh64Ready;
