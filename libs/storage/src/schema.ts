import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { TaskStatus } from '@baton/core';

const toNumber = (value: string | number | null): number | null => (value === null ? null : Number(value));
const key = (name: string): EntitySchemaColumnOptions => ({ name, type: 'varchar' });
const text = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text' });
const integer = (name: string): EntitySchemaColumnOptions => ({ name, type: 'int' });
const instant = (name: string): EntitySchemaColumnOptions => ({
  name,
  type: 'bigint',
  transformer: { from: toNumber, to: (value: number | null) => value },
});
const primary = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, primary: true });
const nullable = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, nullable: true });

export interface TaskRow {
  tenantId: string;
  id: string;
  title: string;
  description: string | null;
  input: string;
  status: TaskStatus;
  liveRunId: string | null;
  lastRunId: string | null;
  idempotencyKey: string | null;
  requestDigest: string | null;
  createdAt: number;
  updatedAt: number;
}

export const TaskTable = new EntitySchema<TaskRow>({
  name: 'tasks',
  columns: {
    tenantId: primary(key('tenant_id')),
    id: primary(key('id')),
    title: text('title'),
    description: nullable(text('description')),
    input: text('input'),
    status: key('status'),
    liveRunId: nullable(key('live_run_id')),
    lastRunId: nullable(key('last_run_id')),
    idempotencyKey: nullable(key('idempotency_key')),
    requestDigest: nullable(key('request_digest')),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
  },
});

export interface WorkflowRow {
  tenantId: string;
  id: string;
  version: number;
  name: string;
  digest: string;
  definition: string;
  source: string | null;
  sourceFormat: 'json' | 'yaml' | null;
  createdAt: number;
  archivedAt: number | null;
}

export const WorkflowTable = new EntitySchema<WorkflowRow>({
  name: 'workflows',
  columns: {
    tenantId: key('tenant_id'),
    id: primary(key('id')),
    version: primary(integer('version')),
    name: key('name'),
    digest: key('digest'),
    definition: text('definition'),
    source: nullable(text('source')),
    sourceFormat: nullable(key('source_format')),
    createdAt: instant('created_at'),
    archivedAt: nullable(instant('archived_at')),
  },
});

export interface DefinitionRow {
  digest: string;
  tenantId: string;
  definition: string;
  createdAt: number;
}

export const DefinitionTable = new EntitySchema<DefinitionRow>({
  name: 'definitions',
  columns: {
    digest: primary(key('digest')),
    tenantId: key('tenant_id'),
    definition: text('definition'),
    createdAt: instant('created_at'),
  },
});

export interface DocumentRow {
  id: string;
  tenantId: string;
  title: string;
  source: string | null;
  contentHash: string;
  mediaType: string;
  bytes: number;
  chunkCount: number;
  createdAt: number;
  indexedAt: number | null;
  removedAt: number | null;
}

export const DocumentTable = new EntitySchema<DocumentRow>({
  name: 'documents',
  columns: {
    id: primary(key('id')),
    tenantId: key('tenant_id'),
    title: text('title'),
    source: nullable(text('source')),
    contentHash: key('content_hash'),
    mediaType: key('media_type'),
    bytes: integer('bytes'),
    chunkCount: integer('chunk_count'),
    createdAt: instant('created_at'),
    indexedAt: nullable(instant('indexed_at')),
    removedAt: nullable(instant('removed_at')),
  },
});

export interface ChunkRow {
  documentId: string;
  position: number;
  tenantId: string;
  id: string;
  text: string;
}

export const ChunkTable = new EntitySchema<ChunkRow>({
  name: 'chunks',
  columns: {
    documentId: primary(key('document_id')),
    position: primary(integer('position')),
    tenantId: key('tenant_id'),
    id: key('id'),
    text: text('text'),
  },
});

export interface AgentRow {
  id: string;
  tenantId: string;
  name: string;
  role: string;
  instructions: string;
  model: string;
  tools: string;
  limits: string;
  createdAt: number;
  updatedAt: number;
}

export const AgentTable = new EntitySchema<AgentRow>({
  name: 'agents',
  columns: {
    id: primary(key('id')),
    tenantId: key('tenant_id'),
    name: key('name'),
    role: key('role'),
    instructions: text('instructions'),
    model: key('model'),
    tools: text('tools'),
    limits: text('limits'),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
  },
});
