// What the pictures of the console show: the workflows, runs and questions of a small company that works with invoices.
import { textOf } from '../test/support/client.ts';

/** @typedef {import('@baton/core').JsonObject} JsonObject */

/** @typedef {import('@baton/core').JsonValue} JsonValue */

/** @typedef {{ url: string, call(method: string, path: string, body?: JsonValue): Promise<{ status: number, body: JsonObject }> }} Server */

/**
 * A step that takes a while.
 *
 * @param {string} id
 * @param {string[]} after
 * @param {number} delayMs
 * @param {JsonObject} [gives]
 * @returns {JsonObject}
 */
const step = (id, after, delayMs, gives = {}) => ({
  ...{ id, type: 'echo', depends_on: after },
  config: { delay_ms: delayMs, ...gives },
});

/**
 * @param {string[]} checks
 * @returns {JsonObject}
 */
const invoiceIntake = (checks) => ({
  name: 'invoice-intake',
  description: 'Reads an invoice, checks it against its order, and books it once somebody has agreed.',
  nodes: [
    step('read', [], 180, { pages: 2, language: 'en' }),
    step('extract', ['read'], 420, { number: '${{ input.number }}', amount: '${{ input.amount }}', currency: 'EUR' }),
    ...checks.map((check, n) => step(check, ['extract'], 150 + 160 * n, { fits: true })),
    {
      ...{ id: 'approve', type: 'approval', depends_on: checks, when: 'input.amount > 1000' },
      config: {
        title: 'Book invoice ${{ input.number }} of ${{ input.supplier }}?',
        payload: {
          number: '${{ input.number }}',
          amount: '${{ input.amount }}',
          currency: 'EUR',
          account: '4930 Office supplies',
        },
      },
    },
    step('book', ['approve'], 240, { booked: '${{ input.number }}' }),
    step('archive', ['book'], 90, { folder: '2026/11' }),
  ],
});

/** @type {JsonObject} */
const SYNC_CUSTOMERS = {
  name: 'sync-customers',
  description: 'Brings customers of the CRM into the billing system, every hour.',
  nodes: [
    step('list', [], 120, { customers: 148 }),
    {
      ...{ id: 'fetch', type: 'http', depends_on: ['list'], config: { url: 'http://127.0.0.1:9/customers' } },
      retry: { max_attempts: 3, initial_ms: 300 },
    },
    step('merge', ['fetch'], 100),
  ],
};

/** @type {JsonObject} */
const SHIP_ORDER = {
  name: 'ship-order',
  description: 'Reserves stock and ships as soon as the payment has come in.',
  nodes: [
    step('reserve', [], 150, { warehouse: 'Rotterdam' }),
    { id: 'payment', type: 'wait', depends_on: ['reserve'], config: { event: 'payment.received' } },
    step('label', ['payment'], 100),
    step('ship', ['label'], 200),
  ],
};

/** @type {JsonObject} */
const WEEKLY_DIGEST = {
  name: 'weekly-digest',
  description: 'Gathers figures from four places and writes a digest of the week.',
  nodes: [
    ...['sales', 'support', 'shipping', 'returns'].map((place, n) => step(place, [], 200 + 130 * n, { rows: 40 + 7 * n })),
    { id: 'join', type: 'aggregate', depends_on: ['sales', 'support', 'shipping', 'returns'], config: { mode: 'object' } },
    { id: 'digest', type: 'agent', depends_on: ['join'], config: { role: 'synthesise' } },
  ],
};

/** Long enough to be in work in every picture. */
const LONG_MS = 1_800_000;

/** @type {JsonObject} */
const MONTH_END = {
  name: 'month-end',
  description: 'Closes the books of a month: gathers, reconciles, forecasts, and reports once somebody has signed.',
  nodes: [
    ...['bank', 'cards', 'cash'].map((place, n) => step(place, [], 240 + 90 * n, { entries: 310 + 44 * n })),
    step('reconcile-bank', ['bank'], 380, { open: 0 }),
    step('reconcile-cards', ['cards'], 460, { open: 2 }),
    step('reconcile-cash', ['cash'], LONG_MS),
    step('forecast', ['reconcile-bank', 'reconcile-cards'], LONG_MS),
    {
      ...{ id: 'sign', type: 'approval', depends_on: ['forecast', 'reconcile-cash'] },
      config: { title: 'Close the books of ${{ input.month }}?' },
    },
    step('close', ['sign'], 200),
    step('report', ['sign'], 300),
  ],
};

const SUPPLIERS = ['Nordlicht Papier', 'Halden Logistics', 'Atelier Meunier', 'Kestrel Energy', 'Porto Ceramics'];

const QUESTIONS = [
  'What happens when Redis loses everything?',
  'How is a task kept from running twice at a time?',
  'When does a run leave a dead letter?',
  'How are documents cut into passages?',
];

/**
 * Fills a new server, and says where the pages lead that show one thing.
 *
 * @param {Server} server
 */
export async function fillConsole(server) {
  for (const checks of [['check-order'], ['check-order', 'check-supplier'], ['check-order', 'check-supplier', 'check-tax']])
    await publish(server, invoiceIntake(checks));
  for (const definition of [SYNC_CUSTOMERS, SHIP_ORDER, WEEKLY_DIGEST]) await publish(server, definition);
  for (let n = 0; n < 14; n += 1) {
    const input = { number: `R-2026-${1180 + n}`, supplier: SUPPLIERS[n % SUPPLIERS.length] ?? '', amount: 120 + 61 * n };
    await start(server, 'invoice-intake', input);
  }
  const digest = await start(server, 'weekly-digest', { week: 47, question: 'What changed this week?' });
  for (let n = 0; n < 3; n += 1) await start(server, 'weekly-digest', { week: 44 + n, question: 'What changed this week?' });
  for (const order of ['A-7741', 'A-7752']) await start(server, 'ship-order', { order });
  const cancelled = await start(server, 'ship-order', { order: 'A-7738' });
  await must(server, 'POST', `/api/v1/runs/${cancelled}/cancel`, { reason: 'The customer changed the order.' });
  const failed = await start(server, 'sync-customers', { since: '2026-11-20T09:00:00Z' });
  for (let n = 0; n < 2; n += 1) await start(server, 'sync-customers', { since: `2026-11-20T1${n}:00:00Z` });
  const tasks = [];
  for (const title of QUESTIONS) tasks.push(await ask(server, title));
  await must(server, 'POST', '/api/v1/tasks', {
    title: 'Compare the three offers for packaging',
    description: 'By price, time and place.',
  });
  await start(server, 'invoice-intake', { number: 'R-2026-1204', supplier: 'Kestrel Energy', amount: 4180 });
  const first = await firstRun(server);
  await publish(server, MONTH_END);
  // Of the demo: it has failed at once, and for good.
  const { body } = await server.call('GET', '/api/v1/runs?workflow=invoice-total');
  const [broken] = /** @type {JsonObject[]} */ (body['items']);
  return {
    digest,
    failed,
    broken: textOf(broken ?? {}, 'id'),
    task: tasks[0] ?? '',
    first,
    running: await start(server, 'month-end', { month: 'October 2026' }),
  };
}

/**
 * The run of the demo, as soon as it waits to be approved and nothing else moves.
 *
 * @param {Server} server
 */
async function firstRun(server) {
  await until('every run has come to where it stays', async () => {
    const { items } = (await must(server, 'GET', '/api/v1/runs?limit=100')).body;
    const isFirstThere = (await must(server, 'GET', '/api/v1/demo')).body['run_id'] !== null;
    const moving = /** @type {JsonObject[]} */ (items).filter(({ status }) => status === 'queued' || status === 'running');
    return isFirstThere && moving.length === 0;
  });
  return textOf((await must(server, 'GET', '/api/v1/demo')).body, 'run_id');
}

/**
 * @param {Server} server
 * @param {JsonObject} definition
 */
async function publish(server, definition) {
  await must(server, 'POST', '/api/v1/workflows', definition);
}

/**
 * @param {Server} server
 * @param {string} workflow
 * @param {JsonObject} input
 */
async function start(server, workflow, input) {
  return textOf((await must(server, 'POST', '/api/v1/runs', { workflow, input })).body, 'run_id');
}

/**
 * @param {Server} server
 * @param {string} title
 */
async function ask(server, title) {
  const id = textOf((await must(server, 'POST', '/api/v1/tasks', { title })).body, 'id');
  await must(server, 'POST', '/run-agents', { id });
  return id;
}

/**
 * @param {Server} server
 * @param {string} method
 * @param {string} path
 * @param {JsonValue} [body]
 */
async function must(server, method, path, body) {
  const reply = await server.call(method, path, body);
  if (reply.status >= 400) throw new Error(`${method} ${path} was answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply;
}

/**
 * @param {string} what
 * @param {() => Promise<boolean>} isSo
 */
async function until(what, isSo) {
  for (let tries = 0; tries < 240; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`It has not come about in two minutes that ${what}.`);
}
