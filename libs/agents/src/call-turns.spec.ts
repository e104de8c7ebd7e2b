import { beforeEach, expect, test } from '@jest/globals';
import { CallTurns } from './call-turns.js';

let turns: CallTurns;
let order: string[];

beforeEach(() => {
  turns = new CallTurns();
  order = [];
});

/** Notes each turn of the event loop until all of this has happened. */
async function watch(happens: readonly Promise<unknown>[]): Promise<string[]> {
  let isOver = false;
  const turn = (): void => {
    order.push('|');
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all(happens);
  isOver = true;
  return order
    .join('')
    .split('|')
    .filter((part) => part !== '');
}

const sent = (): Promise<void> => new Promise((resolve) => turns.send(resolve));
const send = (name: string): Promise<unknown> => sent().then(() => order.push(name));
const read = (name: string): Promise<unknown> => new Promise<void>((resolve) => turns.read(resolve)).then(() => order.push(name));

test('four calls go on in a turn of the event loop, in their order', async () => {
  expect(await watch('abcdefghij'.split('').map(send))).toEqual(['abcd', 'efgh', 'ij']);
});

test('what a call sets going is done before the next one goes on', async () => {
  const steps = (name: string): Promise<unknown> =>
    sent().then(async () => {
      for (const step of [1, 2, 3]) await Promise.resolve(order.push(`${name}${step} `));
    });
  expect(await watch([steps('a'), steps('b')])).toEqual(['a1 a2 a3 b1 b2 b3 ']);
});

test('calls are sent before answers are read, of which none is forgotten', async () => {
  const answers = '123456'.split('').map(read);
  expect(await watch([...answers, ...'abc'.split('').map(send)])).toEqual(['abc1', '2345', '6']);
});

test('a turn that has begun takes none that come during it', async () => {
  const again = (name: string): Promise<unknown> => send(name).then(() => send(name.toUpperCase()));
  expect(await watch('ab'.split('').map(again))).toEqual(['ab', 'AB']);
});
