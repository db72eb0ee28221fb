/**
 * Word table: names of agents, kinds and tools by their numbers. Words stay when their last event goes: there are few.
 */
import type { Database } from "../database/sqlite.js";

/** More than agents have tools; beyond it the database is asked again. */
const KNOWN_MAX = 10_000;

export class WordTable {
  readonly #database: Database;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns a word's number, `undefined` where no event ever had it. */
  find(text: string): number | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const row = this.#database.prepare("SELECT id FROM word WHERE text = ?").get(text);
    return (row as { readonly id: number } | undefined)?.id;
  }

  /** Returns a word's number, given to it now if need be, within a write transaction. */
  put(text: string): number {
    const found = this.find(text) ?? this.#add(text);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(text, found);
    return found;
  }

  /** Returns the word of a number. */
  textOf(id: number): string {
    const row = this.#database.prepare("SELECT text FROM word WHERE id = ?").get(id);
    if (row === undefined) throw new RangeError(`there is no word ${id}`);
    return (row as { readonly text: string }).text;
  }

  /** Forgets what was put within a transaction that was taken back. */
  forget(): void {
    this.#known.clear();
  }

  #add(text: string): number {
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO word (text) VALUES (?)")
      .run(text);
    return Number(lastInsertRowid);
  }
}
