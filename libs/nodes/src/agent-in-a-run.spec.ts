import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, AskPersonTool, LocalChatModel, PatchWorkflowTool, StepTool, type ToolContext } from '@baton/agents';
import { BatonError, type ChatReply, type ChatRequest, type JsonValue } from '@baton/core';
import { z } from 'zod';
import { World, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';
import { AgentNode } from './agent-node.js';

const Arguments = z.object({ n: z.int() });

/** Counts what is asked of it; it never comes to an end of what it is told to hang at. */
class NoteTool extends StepTool<z.infer<typeof Arguments>> {
  readonly name = 'note';
  readonly description = 'Notes a number.';
  readonly parameters = Arguments;
  readonly noted: string[] = [];
  hangsAt = 0;
  /** Looked at before each call. */
  called: () => void = () => undefined;

  protected run(_: ToolContext, { n }: z.infer<typeof Arguments>, call: { idempotencyKey: string }): Promise<JsonValue> {
    this.called();
    this.noted.push(`${n} ${call.idempotencyKey.split('/').slice(1).join('/')}`);
    return n === this.hangsAt ? new Promise(() => undefined) : Promise.resolve({ noted: n });
  }
}

class CountingModel extends LocalChatModel {
  readonly keys: string[] = [];
  /** Looked at before each call. */
  asked: () => void = () => undefined;

  override complete(request: ChatRequest): Promise<ChatReply> {
    this.asked();
    this.keys.push(request.idempotencyKey.split('/').slice(1).join('/'));
    return super.complete(request);
  }
}

let world: World;
let model: CountingModel;
let note: NoteTool;

beforeEach(() => {
  world = new World();
  model = new CountingModel();
  note = new NoteTool();
});
afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function startWorker(id: string): Promise<SimulatedWorker> {
  const tools = new AgentToolbox([note, new PatchWorkflowTool(), new AskPersonTool(world.clock)]);
  const agent = new AgentNode({ model, tools, agents: { findByName: () => Promise.resolve(null) } });
  const handlers: Record<string, Work> = { agent: (context) => agent.execute(context) };
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

const SCRIPT = '@call note {"n": 1}\n@also note {"n": 2}\n@call note {"n": 3}\n@also note {"n": 4}\n@answer Noted.';

const publish = (instructions: string, tools = ['note']) =>
  world.publish('flow', { lead: { type: 'agent', config: { role: 'lead', instructions, tools } } });

const count = (runId: string, line: string): number => world.story(runId).filter((one) => one === line).length;

test('an agent whose worker is killed between two calls goes on after the last one that is journaled', async () => {
  note.hangsAt = 4;
  const workflow = await publish(SCRIPT);
  const worker = await startWorker('w1');
  const runId = await world.launch(workflow, { question: 'How many?' });
  await world.clock.until(() => count(runId, 'step.completed lead') === 5, 'two replies and three calls are journaled');
  await world.clock.until(() => note.noted.length === 4, 'the fourth call is under way');
  worker.crash();
  note.hangsAt = 0;
  const rescuer = await startWorker('w2');
  await world.untilStatus(runId, 'completed');
  expect(note.noted).toEqual([
    ...['1 lead/1/model/tool-1', '2 lead/1/model/tool-2', '3 lead/1/model-2/tool-1'],
    ...['4 lead/1/model-2/tool-2', '4 lead/1/model-2/tool-2'],
  ]);
  expect(model.keys).toEqual(['lead/1/model', 'lead/1/model-2', 'lead/1/model-3']);
  expect((await rescuer.runs.findRun(runId))?.output).toMatchObject({ answer: 'Noted.' });
});

test('an agent asks a person twice, parked each time, and calls nothing again', async () => {
  const ask = (question: string): string => `@call ask_person ${JSON.stringify({ question })}`;
  const workflow = await publish(`@call note {"n": 1}\n${ask('First?')}\n${ask('Second?')}\n@answer Thanks.`, [
    'note',
    'ask_person',
  ]);
  const worker = await startWorker('w1');
  const runId = await world.launch(workflow, { question: 'Who?' });
  for (const [index, question] of ['First?', 'Second?'].entries()) {
    await world.clock.until(() => count(runId, 'node.suspended lead') === index + 1, `it asks ${question}`);
    expect([...world.db.approvals.values()]).toMatchObject([{ title: `asked by an agent: ${question}`, status: 'open' }]);
    const decision = { node_id: 'lead', visit: 1, decision: 'approve', comment: `${question} Yes.` };
    await worker.runs.signal(runId, 'decide', decision, world.clock.now());
  }
  await world.untilStatus(runId, 'completed');
  expect(note.noted).toHaveLength(1);
  expect(model.keys).toHaveLength(4);
  expect((await worker.runs.findRun(runId))?.output).toMatchObject({
    tools: [{ name: 'note' }, { result: { comment: 'First? Yes.' } }, { result: { comment: 'Second? Yes.' } }],
  });
});

test.each([
  ['{"n": 2}', { type: 'object' }, [0, 'note', 1, 2]],
  ['No JSON.\n@answer {"n": 2}', { type: 'object' }, [0, 'note', 1, 2, 3]],
  ['Two.', undefined, [0, 'note', 1, 2]],
])('the answer %j of an agent costs no commit of its own, any reply before it does', async (answer, schema, seen) => {
  const config = { role: 'lead', instructions: `Is it?\n@call note {"n": 1}\n@answer ${answer}`, tools: ['note'] };
  const output = schema === undefined ? {} : { output_schema: schema };
  const workflow = await world.publish('flow', { lead: { type: 'agent', config: { ...config, ...output } } });
  const worker = await startWorker('w1');
  const committed: (number | string)[] = [];
  let runId = '';
  const look = (): unknown => committed.push(count(runId, 'step.completed lead'));
  model.asked = look;
  note.called = () => committed.push('note') && look();
  runId = await world.launch(workflow, { question: 'How many?' });
  await world.untilStatus(runId, 'completed');
  expect(committed).toEqual(seen);
  const appends = worker.runs.calls.log.filter(({ operation }) => operation === 'append');
  expect(appends).toHaveLength(seen.length - 1);
});

test('an answer that is of no use is counted against the budget, and what it held is free', async () => {
  model.asked = () => {
    const usage = { promptTokens: 20, completionTokens: 5 };
    if (model.keys.length < 2) throw new BatonError('model_failed', 'no text', {}, { retryable: true, usage });
  };
  const retry = { max_attempts: 3 };
  const config = { role: 'lead', instructions: '@answer Noted.', max_tokens: 10 };
  const workflow = await world.publish('flow', { lead: { type: 'agent', config, retry } }, { budget: { tokens: 1_000 } });
  model.quote = () => 7;
  await startWorker('w1');
  const runId = await world.launch(workflow, { question: 'What?' });
  await world.clock.until(() => world.story(runId).some((one) => one.startsWith('node.failed')), 'it fails');
  await world.clock.settle();
  const account = world.db.budgets.accounts.get(`default\nrun ${runId}`);
  expect(account).toMatchObject({ used: { tokens: 25, model_calls: 1, cost_micros: 7 }, held: { tokens: 0 } });
});
