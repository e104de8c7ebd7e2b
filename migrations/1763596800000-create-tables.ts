import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary, unique, withDefault } from './columns.js';

const TABLES = [
  ...['tasks', 'workflows', 'runs', 'journal', 'signals', 'workers'],
  ...['agents', 'lock_history', 'documents', 'chunks'],
];

export class CreateTables1763596800000 implements MigrationInterface {
  readonly name = 'CreateTables1763596800000';

  async up(runner: QueryRunner): Promise<void> {
    await createWork(runner);
    await createRuns(runner);
    await createWorkers(runner);
    await createDocuments(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.dropTable(table, true);
  }
}

async function createWork(runner: QueryRunner): Promise<void> {
  const { key, text, instant, integer, tenant } = await columnsOf(runner);
  await createTable(
    runner,
    'tasks',
    [
      primary(tenant()),
      primary(key('id', 128)),
      ...[text('title'), nullable(text('description')), text('input'), key('status', 16)],
      ...[nullable(key('live_run_id')), nullable(key('last_run_id'))],
      ...[nullable(key('idempotency_key', 255)), nullable(key('request_digest'))],
      ...[instant('created_at'), instant('updated_at')],
    ],
    [unique('uq_tasks_idempotency', 'tenant_id', 'idempotency_key'), index('ix_tasks_created', 'tenant_id', 'created_at', 'id')],
  );
  await createTable(
    runner,
    'workflows',
    [
      ...[tenant(), primary(key('id')), primary(integer('version')), key('name')],
      ...[key('digest'), text('definition'), instant('created_at')],
    ],
    [unique('uq_workflows_version', 'tenant_id', 'name', 'version'), index('ix_workflows_digest', 'digest')],
  );
  await createTable(runner, 'agents', [
    ...[tenant(), primary(key('id')), key('name'), key('role'), text('instructions'), key('model', 128)],
    ...[text('tools'), text('limits'), instant('created_at'), instant('updated_at')],
  ]);
}

async function createRuns(runner: QueryRunner): Promise<void> {
  const { key, text, instant, integer, counter, tenant } = await columnsOf(runner);
  await createTable(
    runner,
    'runs',
    [
      ...[primary(key('id')), tenant(), nullable(key('task_id', 128))],
      ...[key('workflow_id'), key('workflow_name'), integer('workflow_version'), key('workflow_digest')],
      ...[key('status', 16), text('input'), integer('seq'), withDefault(integer('epoch'), 0)],
      ...[nullable(key('worker_id', 128)), nullable(key('claim_token')), nullable(instant('wake_at'))],
      ...[withDefault(integer('generation'), 0), withDefault(integer('unproductive_claims'), 0)],
      ...[nullable(key('idempotency_key', 255)), nullable(key('request_digest'))],
      ...[instant('created_at'), nullable(instant('started_at')), nullable(instant('finished_at'))],
    ],
    [
      unique('uq_runs_idempotency', 'tenant_id', 'idempotency_key'),
      index('ix_runs_due', 'wake_at', 'id'),
      index('ix_runs_created', 'tenant_id', 'created_at', 'id'),
      index('ix_runs_task', 'tenant_id', 'task_id', 'created_at', 'id'),
      index('ix_runs_status', 'status', 'tenant_id', 'created_at', 'id'),
    ],
  );
  await createTable(runner, 'journal', [
    ...[primary(key('run_id')), primary(integer('seq')), tenant(), integer('epoch')],
    ...[key('type', 32), integer('v'), nullable(key('node_id')), integer('visit'), integer('attempt')],
    ...[instant('at'), text('payload')],
  ]);
  await createTable(
    runner,
    'signals',
    [counter('id'), tenant(), key('run_id'), key('type', 32), text('payload'), instant('at')],
    [index('ix_signals_run', 'run_id', 'id')],
  );
}

async function createWorkers(runner: QueryRunner): Promise<void> {
  const { key, text, instant, integer, counter, tenant } = await columnsOf(runner);
  await createTable(
    runner,
    'workers',
    [
      ...[primary(key('id', 128)), tenant(), key('host', 255), integer('pid'), key('process_start', 128)],
      ...[instant('started_at'), instant('lease_until'), text('node_types')],
    ],
    [index('ix_workers_lease', 'lease_until')],
  );
  await createTable(
    runner,
    'lock_history',
    [
      ...[counter('id'), tenant(), key('task_id', 128), nullable(key('run_id')), key('operation', 16), key('event', 16)],
      ...[key('method', 16), key('holder', 255), integer('token_length'), instant('at')],
    ],
    [index('ix_lock_history_task', 'tenant_id', 'task_id', 'id')],
  );
}

async function createDocuments(runner: QueryRunner): Promise<void> {
  const { key, text, instant, integer, tenant } = await columnsOf(runner);
  await createTable(
    runner,
    'documents',
    [
      ...[primary(key('id')), tenant(), text('title'), nullable(text('source')), key('content_hash'), key('media_type', 128)],
      ...[integer('bytes'), integer('chunk_count'), instant('created_at'), nullable(instant('indexed_at'))],
    ],
    [unique('uq_documents_content', 'tenant_id', 'content_hash'), index('ix_documents_created', 'tenant_id', 'created_at', 'id')],
  );
  await createTable(runner, 'chunks', [
    ...[primary(key('document_id')), primary(integer('position')), tenant(), key('id', 128), text('text')],
  ]);
}
