/** The tables are a function of the logs: a server whose database was recovered entry by entry makes them anew. */
import { afterAll, expect, it } from "vitest";
import { schemaOf } from "../src/database/database.ts";
import { closeTestDatabase, testBoard, testDatabase } from "./test-board.ts";
import { TestElection } from "./test-election.ts";

afterAll(closeTestDatabase);

it("makes tables that are behind their logs anew, and refuses tables that are ahead", async () => {
  const test = await testBoard();
  const election = await new TestElection(test).open();
  const voters = [await election.voter(0), await election.voter(1), await election.voter(1)];
  for (const voter of voters) await election.vote(voter);
  test.clock.advance(2);
  await election.vote(voters[1]!, 1);
  const { pool } = await testDatabase();
  const schema = schemaOf(test.origin);
  const dump = async () => {
    const tables = ["pseudonym", "ballot", "pass"].map((name) =>
      pool.query(`select * from ${schema}.${name} order by 1`),
    );
    return (await Promise.all(tables)).map(({ rows }) => rows);
  };
  const before = await dump();
  await test.stop();
  await pool.query(
    `delete from ${schema}.ballot where entry > 20; delete from ${schema}.pseudonym; delete from ${schema}.pass where entry > 0`,
  );
  await test.restart();
  expect(await dump()).toEqual(before);
  // And it goes on: a retry finds its entry, a re-vote its predecessor, a pass its first entry.
  test.clock.advance(10);
  await election.vote(voters[1]!, 2);
  await election.vote(await election.voter(1));

  await test.stop();
  await pool.query(
    `insert into ${schema}.ballot select sha256(h), entry + 1000, sha256(first_randomness) from ${schema}.ballot`,
  );
  await expect(test.restart()).rejects.toThrow("ahead of the record");
});
