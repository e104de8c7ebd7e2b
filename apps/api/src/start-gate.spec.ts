import { expect, test } from '@jest/globals';
import { StartGate } from './start-gate.js';

const TARGET_MS = 100;

/** A gate over starts that take as long as the test says. */
class Crowd {
  now = 0;
  unreadMs = 0;
  readonly gate = new StartGate(
    TARGET_MS,
    () => this.unreadMs,
    () => this.now,
  );
  private leave: (() => void)[] = [];

  /** How many of so many starts are let in at once. */
  ask(tenantId: string, starts: number): number {
    let letIn = 0;
    for (let index = 0; index < starts; index += 1) {
      if (this.gate.refusalOf(tenantId) !== null) continue;
      this.leave.push(this.gate.enter(tenantId));
      letIn += 1;
    }
    return letIn;
  }

  /** All that are under way take so long. */
  pass(ms: number): void {
    this.now += ms;
    for (const leave of this.leave.splice(0)) leave();
  }
}

test('lets in more at once while starts are accepted in time, and fewer as soon as they are not', () => {
  const crowd = new Crowd();
  const first = crowd.ask('loud', 10_000);
  crowd.pass(TARGET_MS / 2);
  for (let round = 0; round < 50; round += 1) {
    crowd.ask('loud', 10_000);
    crowd.pass(TARGET_MS / 2);
  }
  const grown = crowd.ask('loud', 10_000);
  expect(grown).toBeGreaterThan(first * 2);
  // All that are late at once tell of one limit that was too high.
  crowd.pass(TARGET_MS * 2);
  const less = crowd.ask('loud', 10_000);
  expect(less / grown).toBeCloseTo(0.8, 1);
  for (let round = 0; round < 50; round += 1) {
    crowd.pass(TARGET_MS * 2);
    crowd.ask('loud', 10_000);
  }
  crowd.pass(TARGET_MS * 2);
  expect(crowd.ask('loud', 10_000)).toBe(64);
});

test('takes no notice of a few that are late', () => {
  const crowd = new Crowd();
  const first = crowd.ask('loud', 10_000);
  for (let round = 0; round < 20; round += 1) {
    const slow = crowd.gate.enter('loud');
    crowd.pass(TARGET_MS / 2);
    crowd.ask('loud', 10_000);
    crowd.now += TARGET_MS;
    slow();
    crowd.now -= TARGET_MS;
  }
  crowd.pass(1);
  expect(crowd.ask('loud', 10_000)).toBeGreaterThan(first);
});

test('lets in fewer where a few take more than twice as long, though no more than a few', () => {
  const crowd = new Crowd();
  const first = crowd.ask('loud', 10_000);
  for (let round = 0; round < 20; round += 1) {
    const slow = [crowd.gate.enter('loud'), crowd.gate.enter('loud'), crowd.gate.enter('loud')];
    crowd.pass(TARGET_MS / 2);
    crowd.ask('loud', 10_000);
    crowd.now += TARGET_MS * 2;
    for (const leave of slow) leave();
    crowd.now -= TARGET_MS * 2;
  }
  crowd.pass(1);
  expect(crowd.ask('loud', 10_000)).toBeLessThan(first);
});

test('counts how long a start has waited to be read, and never so long that nothing would be in time', () => {
  const crowd = new Crowd();
  const first = crowd.ask('loud', 10_000);
  const play = (passMs: number): number => {
    for (let round = 0; round < 20; round += 1) {
      crowd.pass(passMs);
      crowd.ask('loud', 10_000);
    }
    crowd.pass(passMs);
    return crowd.ask('loud', 10_000);
  };
  crowd.unreadMs = TARGET_MS * 10;
  const less = play(TARGET_MS * 0.6);
  expect(less).toBeLessThan(first);
  expect(play(TARGET_MS * 0.4)).toBeGreaterThan(less);
});

test('does not grow by starts that never come near the limit', () => {
  const crowd = new Crowd();
  const first = crowd.ask('loud', 10_000);
  crowd.pass(1);
  for (let round = 0; round < 1_000; round += 1) {
    crowd.ask('loud', 1);
    crowd.pass(1);
  }
  expect(crowd.ask('loud', 10_000)).toBeLessThan(first + 5);
});

test('refuses who fills it, and lets in each other tenant up to its share', () => {
  const crowd = new Crowd();
  const all = crowd.ask('loud', 10_000);
  expect(crowd.gate.refusalOf('loud')).toMatchObject({ code: 'overloaded' });
  expect(crowd.ask('quiet', 5)).toBe(5);
  expect(crowd.gate.refusalOf('loud')).not.toBeNull();
  expect(crowd.ask('quiet', 10_000)).toBe(all / 2 - 5);
  // Of nine that ask for as much, none is small: they share it, and cannot all be let in above it.
  crowd.pass(1);
  const tenants = Array.from({ length: 9 }, (_, index) => `tenant ${index}`);
  crowd.now += 5_000;
  for (const tenant of tenants) crowd.gate.refusalOf(tenant);
  const letIn = tenants.map((tenant) => crowd.ask(tenant, 1_000));
  expect(letIn.reduce((sum, count) => sum + count, 0)).toBeLessThan(all * 2.1);
});

test('lets everybody in where there is no bound', () => {
  const gate = new StartGate(0);
  for (let index = 0; index < 1_000; index += 1) gate.enter('loud');
  expect(gate.refusalOf('loud')).toBeNull();
});
