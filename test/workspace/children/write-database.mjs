// Adds rows to a SQLite database, in one transaction for each number that it reads, and never closes it.
//
// usage: node write-database.mjs <file>
import { createInterface } from "node:readline";
import { openSqlite } from "#dist/database/sqlite.js";

const database = openSqlite(process.argv[2]);
// What is in the log stays there.
database.pragma("wal_autocheckpoint = 0");
const insert = database.prepare("INSERT INTO entry (text) VALUES (?)");
const add = database.transaction((count) => {
  for (let row = 0; row < count; row++) insert.run(`row ${row} of ${count}`);
});
const rows = database.prepare("SELECT count(*) FROM entry").pluck();
for await (const line of createInterface(process.stdin)) {
  add(Number(line));
  console.log(`${rows.get()} rows`);
}
