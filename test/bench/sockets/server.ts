// An API in a process of its own, whose memory is measured, with one long run in its database. Tells its parent where both are.
import { nodeEvent, RunStore, type EventDraft } from '@baton/core';
import { startApi } from '../../support/api-server.js';
import { call, createTask, textOf } from '../../support/client.js';

const [events = 0, bytes = 0] = process.argv.slice(2).map(Number);
const PER_COMMIT = 500;

const api = await startApi({ env: { WS_MAX_CLIENTS_PER_TOKEN: '10000', MAX_EVENT_LOOP_DELAY_MS: '0', LOG_LEVEL: 'error' } });
const task = await createTask(api.url, 'watched by many');
const runId = textOf((await call(api.url, 'POST', '/run-agents', { id: task })).body, 'run_id');
const runs = api.app.get(RunStore, { strict: false });
const claim = { runId, workerId: 'w', token: 't', generation: null, at: Date.now(), lock: null };
const claimed = await runs.claim(claim);
if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
const output = 'x'.repeat(bytes);
let { seq } = claimed.run;
while (seq < events) {
  const node = { id: 'draft', visit: 1, attempt: 1 };
  const drafts: EventDraft[] = Array.from({ length: Math.min(PER_COMMIT, events - seq) }, (_, n) =>
    nodeEvent('step.completed', node, Date.now(), { key: `step-${seq + n}`, output }),
  );
  const appended = await runs.append({ runId, epoch: claimed.run.epoch, baseSeq: seq, events: drafts });
  if (appended.kind !== 'appended') throw new Error(appended.kind);
  ({ seq } = appended);
}
process.send!({ kind: 'ready', url: api.url, runId });
process.once('SIGTERM', () => void api.close().then(() => process.exit(0)));
