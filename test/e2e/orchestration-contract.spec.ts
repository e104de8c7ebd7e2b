import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf, type Reply } from '../support/client.js';
import { LiveRun } from '../support/live-run.js';

const YAML = readFileSync(new URL('../fixtures/workflows/multi-agent-research.yaml', import.meta.url), 'utf8');
const { workflow: DOCUMENT } = parse(YAML) as { workflow: JsonObject };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const Id: unknown = expect.stringMatching(UUID);

/** One line of the contract: a request in a situation, and what it answers. */
interface Line {
  call: 'create' | 'execute' | 'status' | 'pause';
  when: string;
  /** Prepares the situation; returns the path's id. */
  given?(): Promise<string>;
  body?: JsonValue;
  status: number;
  /** The problem's code; none where it is answered. */
  code?: string;
  /** The fields of the answer. */
  fields?: JsonObject | Record<string, unknown>;
}

let api: ApiServer;
let published = 0;

beforeAll(async () => {
  api = await startApi({ worker: true, env: { CAPACITY_AGENTS: '20' } });
});
afterAll(() => api.close());

function send(line: Line['call'], id: string, body: JsonValue = {}): Promise<Reply> {
  const path = `/api/v1/workflows${line === 'create' ? '' : `/${id}/${line}`}`;
  return line === 'status' ? call(api.url, 'GET', path) : call(api.url, 'POST', path, body);
}

/** A fresh workflow; its id. */
async function workflow(nodes: JsonObject[], more: JsonObject = {}): Promise<string> {
  published += 1;
  const { body } = await send('create', '', { name: `contract-${published}`, nodes, ...more });
  return textOf(body, 'workflow_id');
}

const document = async (): Promise<string> => textOf((await send('create', '', DOCUMENT)).body, 'workflow_id');
const waiting = (more: JsonObject = {}): Promise<string> => workflow([{ id: 'ask', type: 'approval' }], more);

/** A run of the workflow that has got as far as `status`; the workflow's id. */
async function running(id: string, status: string): Promise<string> {
  const { body } = await send('execute', id, { input_data: {} });
  await LiveRun.of([api.url], textOf(body, 'execution_id')).untilStatus(status);
  return id;
}

const nobody = (): Promise<string> => Promise.resolve('00000000-0000-4000-8000-000000000000');

const LINES: readonly Line[] = [
  {
    ...{ call: 'create', when: 'the definition is valid', body: DOCUMENT, status: 201 },
    fields: {
      ...{ workflow_id: Id, status: 'validated' },
      validation_report: expect.objectContaining({ valid: true, errors: [] }),
      estimated_resources: expect.objectContaining({ cpu_cores: 5 }),
    },
  },
  {
    ...{ call: 'create', when: 'the definition is invalid', status: 422, code: 'workflow_invalid' },
    body: { ...DOCUMENT, tasks: [{ id: 'a', agent: 'nobody' }] },
  },
  ...['name', 'version', 'orchestration_pattern', 'agents', 'tasks', 'coordination'].map((field): Line => {
    const { [field]: _left, ...rest } = DOCUMENT;
    return { call: 'create', when: `\`${field}\` is missing`, body: rest, status: 422, code: 'workflow_invalid' };
  }),
  {
    ...{ call: 'create', when: 'the pattern is not supported', status: 400, code: 'unsupported_pattern' },
    body: { ...DOCUMENT, orchestration_pattern: 'flock' },
  },
  {
    ...{ call: 'create', when: 'the resources are insufficient', status: 507, code: 'insufficient_capacity' },
    body: { ...DOCUMENT, agents: { supervisor: { type: 's' }, researchers: { type: 'r', count: 21 } } },
  },
  {
    ...{ call: 'execute', when: 'there is the workflow', given: document, body: { input_data: { topic: 'x' } }, status: 202 },
    fields: {
      ...{ execution_id: Id, status: 'planning', execution_url: expect.stringMatching(/^\/api\/v1\/runs\//) },
      allocated_agents: [expect.objectContaining({ name: 'supervisor' }), expect.objectContaining({ count: 3 })],
    },
  },
  {
    ...{ call: 'execute', when: 'its options are given', given: document, status: 202, fields: { status: 'planning' } },
    body: {
      input_data: {},
      execution_options: { timeout: 60, retry_policy: 'exponential_backoff', resource_constraints: { cpu: 8, memory: '16GB' } },
    },
  },
  {
    call: 'execute',
    when: 'there is no workflow',
    given: nobody,
    body: { input_data: {} },
    status: 404,
    code: 'workflow_not_found',
  },
  {
    ...{ call: 'execute', when: '`input_data` is missing', given: document, body: {}, status: 400, code: 'invalid_request' },
  },
  {
    ...{ call: 'execute', when: 'the workflow, which runs one at a time, is already executing', body: { input_data: {} } },
    given: async () => running(await waiting({ limits: { active_runs: 1, on_limit: 'reject' } }), 'waiting'),
    ...{ status: 409, code: 'already_executing', fields: { live_run_id: Id } },
  },
  {
    ...{
      call: 'execute',
      when: 'the resources cannot be allocated',
      given: document,
      status: 507,
      code: 'insufficient_capacity',
    },
    body: { input_data: {}, execution_options: { resource_constraints: { cpu: '1 core' } } },
  },
  {
    ...{ call: 'status', when: 'an execution waits', given: async () => running(await waiting(), 'waiting'), status: 200 },
    fields: {
      ...{ workflow_id: Id, execution_id: Id, status: 'waiting', current_phase: 'waiting', agents: [] },
      ...{ performance_metrics: expect.objectContaining({ claims: 1 }), error_details: null },
    },
  },
  {
    ...{ call: 'status', when: 'an execution has failed', status: 200 },
    given: async () => {
      const bad = { id: 'bad', type: 'transform', config: { expression: '1 / 0' }, retry: { max_attempts: 1 } };
      return running(await workflow([bad]), 'failed');
    },
    fields: {
      status: 'failed',
      error_details: expect.objectContaining({ details: expect.objectContaining({ node_id: 'bad' }) }),
    },
  },
  { call: 'status', when: 'there is no workflow', given: nobody, status: 404, code: 'workflow_not_found' },
  {
    ...{ call: 'pause', when: 'an execution is live', given: async () => running(await waiting(), 'waiting'), status: 200 },
    fields: {
      execution_id: Id,
      status: 'paused',
      checkpoint_id: Id,
      resume_url: expect.stringMatching(/^\/api\/v1\/workflows\/.*\/resume$/),
    },
  },
  { call: 'pause', when: 'there is no workflow', given: nobody, status: 404, code: 'workflow_not_found' },
  {
    ...{ call: 'pause', when: 'the execution has ended', status: 409, code: 'no_live_run' },
    given: async () => running(await workflow([{ id: 'a', type: 'echo' }]), 'completed'),
  },
  {
    ...{ call: 'pause', when: 'the execution is being undone', status: 409, code: 'cannot_pause' },
    given: async () => {
      const undo = { type: 'echo', config: { delay_ms: 1_500 } };
      const bad = { id: 'bad', type: 'transform', depends_on: ['a'], config: { expression: '1 / 0' }, on_error: 'compensate' };
      return running(
        await workflow([
          { id: 'a', type: 'echo', compensate: undo },
          { ...bad, retry: { max_attempts: 1 } },
        ]),
        'compensating',
      );
    },
  },
];

describe.each(LINES)('$call, where $when', ({ call: what, given, body, status, code, fields = {} }) => {
  it(`answers ${status}${code === undefined ? '' : ` ${code}`}`, async () => {
    const id = (await given?.()) ?? '';
    const reply = await send(what, id, body);
    expect([reply.status, reply.body]).toMatchObject([status, { ...(code !== undefined && { code }), ...fields }]);
    if (status < 400) return;
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      remedy: expect.any(String),
    });
  });
});
