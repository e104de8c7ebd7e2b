import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROOM = '.'.repeat(96);

/**
 * Room in a run's row for what its claim writes there. A row that grows does not fit in its place any more, and InnoDB rewrites the page: two
 * thirds of what a claim wrote to the log. Takes no time, however many runs there are: rows that stand have no room, and are not touched.
 */
export class KeepRoomForClaims1763800000000 implements MigrationInterface {
  readonly name = 'KeepRoomForClaims1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type === 'better-sqlite3') {
      await runner.query(`ALTER TABLE runs ADD COLUMN claim_room varchar DEFAULT '${ROOM}'`);
      return;
    }
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('runs', 'claim_room')))
      await runner.query('ALTER TABLE runs ADD COLUMN claim_room varchar(96) CHARACTER SET ascii NULL');
    // Of its own: a default that came with the column would be that of all rows that stand, and InnoDB keeps no room for such.
    await runner.query(`ALTER TABLE runs ALTER COLUMN claim_room SET DEFAULT '${ROOM}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN claim_room');
  }
}
