import { z } from 'zod';
import {
  DAY_MS,
  MIB,
  apiKey,
  bytes,
  choice,
  databaseUrl,
  endpointUrl,
  faultPoints,
  host,
  keyPrefix,
  list,
  milliseconds,
  modelName,
  optional,
  path,
  poolRoutes,
  pools,
  provider,
  s3Name,
  s3Prefix,
  seconds,
  secret,
  signingSecret,
  token,
  url,
  variable,
  wholeNumber,
  yesNo,
} from './config-kinds.js';
import { agents } from './config-agents.js';
import { modelPrices, modelProviders, providerName, runBudget } from './config-models.js';
import { outbound } from './config-outbound.js';

const server = {
  port: variable('PORT', wholeNumber(0, 65_535), '8001', 'Port of the HTTP server; 0 takes a free one.'),
  host: variable('HOST', host, '127.0.0.1', 'Address to listen on. Anything but loopback needs tokens.'),
  allowedHosts: variable('ALLOWED_HOSTS', list, '', 'Host names, besides loopback, under which the API may be called.'),
  corsOrigins: variable('CORS_ORIGINS', list, '', 'Other web origins whose pages may call the API.'),
  requestTimeoutMs: variable(
    'REQUEST_TIMEOUT_MS',
    milliseconds(1_000, DAY_MS),
    '300000',
    'How long a client may take to send a request, files included.',
  ),
  maxBodyBytes: variable('MAX_BODY_BYTES', bytes(1_024, 1_024 * MIB), String(16 * MIB), 'Largest request body.'),
  maxEventLoopDelayMs: variable(
    'MAX_EVENT_LOOP_DELAY_MS',
    milliseconds(0, 60_000),
    '500',
    'How late, on average, the API may be before it refuses requests with 503; 0 refuses none.',
  ),
  maxStartDelayMs: variable(
    'MAX_START_DELAY_MS',
    milliseconds(0, 60_000),
    '100',
    'How long starts may wait to be accepted: no more are let in at once than are accepted in this time, the others get 503. 0: all are.',
  ),
  maxConnections: variable(
    'MAX_CONNECTIONS',
    wholeNumber(1, 1_000_000),
    '10000',
    'Connections to one API process; more are closed at once.',
  ),
  shutdownGraceMs: variable(
    'SHUTDOWN_GRACE_MS',
    milliseconds(0, DAY_MS),
    '10000',
    'How long SIGTERM waits for work under way before it is handed back.',
  ),
  logLevel: variable(
    'LOG_LEVEL',
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least level that is logged.',
  ),
};

const access = {
  rbacFile: optional('RBAC_FILE', path, '', 'JSON file with tokens (stored as SHA-256) and their roles.'),
  apiTokenViewerHash: secret('API_TOKEN_VIEWER', token, '', 'Token with the role viewer: reads.'),
  apiTokenOperatorHash: secret('API_TOKEN_OPERATOR', token, '', 'Token with the role operator: starts and stops work.'),
  apiTokenAdminHash: secret('API_TOKEN_ADMIN', token, '', 'Token with the role admin: everything.'),
  approvalLinkSecret: secret(
    'APPROVAL_LINK_SECRET',
    signingSecret,
    '',
    'Signs the links by which approvals are decided; without it there are none.',
  ),
};

const data = {
  dataDir: variable('DATA_DIR', path, './data', 'Where the embedded parts keep their files.'),
  databaseUrl: secret('DATABASE_URL', databaseUrl, 'sqlite:<DATA_DIR>/baton.sqlite', 'The database.'),
  sqlPoolSize: variable('SQL_POOL_SIZE', wholeNumber(2, 500), '10', 'Connections to MySQL of one process.'),
  sqlTimeoutMs: variable('SQL_TIMEOUT_MS', milliseconds(100, DAY_MS), '2000', 'Bound on one statement and on connecting.'),
  sqlWriteBoundMs: variable(
    'SQL_WRITE_BOUND_MS',
    milliseconds(100, DAY_MS),
    '4000',
    'How long a write tries again while the database is away, before it fails.',
  ),
  commitMaxRequests: variable('COMMIT_MAX_REQUESTS', wholeNumber(1, 10_000), '1000', 'Writes that share one commit at most.'),
  vectorPath: optional('VECTOR_PATH', path, '<DATA_DIR>/vectors.sqlite', 'File of the embedded vector store.'),
  qdrantUrl: optional('QDRANT_URL', endpointUrl, '', 'Qdrant, instead of the embedded vector store.'),
  qdrantApiKey: secret('QDRANT_API_KEY', apiKey, '', 'Key of Qdrant, if it asks for one.'),
  qdrantTimeoutMs: variable('QDRANT_TIMEOUT_MS', milliseconds(100, 600_000), '5000', 'Bound on one request to Qdrant.'),
};

const blobs = {
  blobThresholdBytes: variable(
    'BLOB_THRESHOLD_BYTES',
    bytes(1_024, 16 * MIB),
    String(64 * 1_024),
    'A larger input, output, result or payload is kept as a blob, and its run carries a reference.',
  ),
  blobCacheBytes: variable(
    'BLOB_CACHE_BYTES',
    bytes(0, 4_096 * MIB),
    String(64 * MIB),
    'What a process remembers of such payloads, as JSON.',
  ),
  reportFonts: variable(
    'REPORT_FONTS',
    list,
    '',
    'TrueType or OpenType files for characters of PDF reports that Roboto lacks, such as Chinese ones.',
  ),
  blobStore: variable(
    'BLOB_STORE',
    choice('sql', 'fs', 's3'),
    'sql',
    'Where files and large payloads are kept: in the database, in BLOB_PATH, or in a bucket of S3.',
  ),
  blobPath: optional('BLOB_PATH', path, '<DATA_DIR>/blobs', 'Directory of the blobs; all processes must see the same one.'),
  s3Url: optional(
    'S3_URL',
    endpointUrl,
    '',
    'S3 or what speaks as it does: `https://s3.<region>.amazonaws.com`, `http://minio:9000`.',
  ),
  s3Bucket: variable('S3_BUCKET', s3Name, 'baton', 'The bucket; it must be there.'),
  s3Prefix: variable('S3_PREFIX', s3Prefix, 'blobs', 'Stands before the names of the objects.'),
  s3Region: variable('S3_REGION', s3Name, 'us-east-1', 'The region that requests are signed for.'),
  s3PathStyle: variable(
    'S3_PATH_STYLE',
    yesNo,
    'true',
    'Whether the bucket stands in the path of the URL, as MinIO has it, or in its host name.',
  ),
  s3AccessKeyId: secret('S3_ACCESS_KEY_ID', apiKey, '', 'The id of the key that requests are signed with.'),
  s3SecretAccessKey: secret('S3_SECRET_ACCESS_KEY', apiKey, '', 'The key.'),
  s3TimeoutMs: variable(
    'S3_TIMEOUT_MS',
    milliseconds(100, 600_000),
    '10000',
    'Bound on one request to S3; each is tried four times.',
  ),
};

const queue = {
  queue: variable(
    'QUEUE',
    choice('auto', 'memory', 'bullmq'),
    'auto',
    'auto: BullMQ where REDIS_URL is set or redis-server is installed, else the in-process queue.',
  ),
  redisUrl: secret('REDIS_URL', url('redis:', 'rediss:'), '', 'Redis; needed by separate API and worker processes.'),
  redisPrefix: variable(
    'REDIS_PREFIX',
    keyPrefix,
    '{baton}',
    'Prefix of the keys of queue and doorbell, in braces for a cluster.',
  ),
  redisCommandTimeoutMs: variable(
    'REDIS_COMMAND_TIMEOUT_MS',
    milliseconds(50, 60_000),
    '2000',
    'After this a command counts as unanswered.',
  ),
  queueFairness: variable(
    'QUEUE_FAIRNESS',
    choice('auto', 'on', 'off'),
    'auto',
    'Whether tenants take turns and priorities count. auto: from the first run of another tenant than `default` or of another priority than `normal` on.',
  ),
  lockPrefix: variable('LOCK_PREFIX', keyPrefix, '', 'Prefix of the lock keys `task:{id}:lock`.'),
  taskLockTtlMs: variable('TASK_LOCK_TTL', seconds(1, 86_400), '30', 'Lifetime of a lock that is not renewed.'),
};

const limits = {
  maxActiveRuns: variable(
    'MAX_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    '1000',
    'Runs that all workers together advance at once; queued and parked ones are not active.',
  ),
  maxBacklog: variable(
    'MAX_BACKLOG',
    wholeNumber(1, 100_000_000),
    '100000',
    'Queued runs at which a start is answered with 503; counted twice a second.',
  ),
  tenantActiveRuns: optional(
    'TENANT_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    'no limit',
    'Live runs of one tenant, parked ones included.',
  ),
  tenantOnLimit: variable('TENANT_ON_LIMIT', choice('reject', 'queue'), 'reject', 'What happens to a run above it.'),
  workflowActiveRuns: optional(
    'WORKFLOW_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    'no limit',
    'Live runs of a workflow whose definition says nothing else in `limits.active_runs`.',
  ),
  workflowOnLimit: variable(
    'WORKFLOW_ON_LIMIT',
    choice('reject', 'queue', 'cancel_oldest'),
    'reject',
    'What happens to a run above it, where the definition says nothing else in `limits.on_limit`.',
  ),
};

const worker = {
  workerPort: optional(
    'WORKER_PORT',
    wholeNumber(0, 65_535),
    'off',
    'Port of a worker process for /metrics, /health and /ready.',
  ),
  workerConcurrency: variable('WORKER_CONCURRENCY', wholeNumber(1, 10_000), '100', 'Runs that one worker advances at once.'),
  workerNodes: variable(
    'WORKER_NODES',
    wholeNumber(1, 100_000),
    '1000',
    'Nodes of all its runs that one worker executes at once, those of pools aside.',
  ),
  workerPools: variable('WORKER_POOLS', pools, '', 'The pools whose nodes a worker executes.'),
  workerRuns: variable('WORKER_RUNS', yesNo, 'true', 'Whether a worker advances runs; false: it serves its pools only.'),
  workerPoolConcurrency: variable(
    'WORKER_POOL_CONCURRENCY',
    wholeNumber(1, 10_000),
    '10',
    'Nodes of one pool that one worker executes at once.',
  ),
  poolRoutes: variable('POOL_ROUTES', poolRoutes, '', 'The pools of node types, for nodes that name none.'),
  poolQueueMs: variable(
    'POOL_QUEUE_MS',
    milliseconds(1_000, 365 * DAY_MS),
    '3600000',
    'How long a node may wait for a worker of its pool, before its attempt fails.',
  ),
  poolTimeoutMs: variable(
    'POOL_TIMEOUT_MS',
    milliseconds(1_000, 365 * DAY_MS),
    '3600000',
    'How long a node in a pool may take that has no timeout of its own.',
  ),
  leaseTtlMs: variable('LEASE_TTL_MS', milliseconds(500, 600_000), '5000', 'A worker silent for this long counts as dead.'),
  leaseRenewMs: variable('LEASE_RENEW_MS', milliseconds(50, 200_000), '1000', 'How often a worker renews its lease.'),
  presenceIntervalMs: variable(
    'PRESENCE_INTERVAL_MS',
    milliseconds(0, 600_000),
    '250',
    'How often a few workers look in Redis whether others were killed, whose runs then go on at once; 0: never, their leases end.',
  ),
  wakerIntervalMs: variable('WAKER_INTERVAL_MS', milliseconds(10, 600_000), '500', 'How often the waker looks for due runs.'),
  wakerBatch: variable('WAKER_BATCH', wholeNumber(1, 10_000), '500', 'Due runs that the waker takes in one query.'),
  maxClaimsWithoutProgress: variable(
    'MAX_CLAIMS_WITHOUT_PROGRESS',
    wholeNumber(1, 1_000),
    '5',
    'After so many claims without an event of progress a run is poison and fails; so is a node that a pool takes so often.',
  ),
  checkpointEveryEvents: variable(
    'CHECKPOINT_EVERY_EVENTS',
    wholeNumber(100, 1_000_000),
    '1000',
    'A run gets a checkpoint each time its journal has grown by so many events.',
  ),
  checkpointEveryMs: variable(
    'CHECKPOINT_EVERY_MS',
    milliseconds(1_000, DAY_MS),
    '300000',
    'It gets one after this time as well, if it has grown by a hundred events in it.',
  ),
  checkpointMaxBytes: variable(
    'CHECKPOINT_MAX_BYTES',
    bytes(1_024, 8 * MIB),
    String(4 * MIB),
    'Largest checkpoint, compressed; a larger state is read from its journal.',
  ),
  lockReaperIntervalMs: variable(
    'LOCK_REAPER_INTERVAL_MS',
    milliseconds(1_000, DAY_MS),
    '10000',
    'How often each worker looks for locks that were left behind.',
  ),
  auditIntervalMs: variable(
    'AUDIT_INTERVAL_MS',
    milliseconds(100, DAY_MS),
    '10000',
    'How often each worker looks whether journals, rows and tasks agree.',
  ),
  auditBatch: variable(
    'AUDIT_BATCH',
    wholeNumber(1, 1_000),
    '20',
    'Runs that have ended, and runs in work, that it looks at in one pass.',
  ),
  parkAfterMs: variable(
    'PARK_AFTER_MS',
    milliseconds(0, DAY_MS),
    '2000',
    'A pause longer than this parks the run; a shorter one is waited for in the worker.',
  ),
  deadLetters: variable(
    'DEAD_LETTERS',
    choice('all', 'runs', 'none'),
    'all',
    'Which ends leave a dead letter: every failure for good, those of whole runs only, or none.',
  ),
  maxInputBytes: variable('MAX_INPUT_BYTES', bytes(1_024, 64 * MIB), String(MIB), 'Largest input of a run, as JSON.'),
  maxOutputBytes: variable(
    'MAX_OUTPUT_BYTES',
    bytes(1_024, 64 * MIB),
    String(16 * MIB),
    'Largest output of a node or step, as JSON.',
  ),
  runTimeoutMs: variable(
    'RUN_TIMEOUT',
    seconds(1, 31_536_000),
    '86400',
    'How long a run may be in work where its definition says nothing; parked time is not counted.',
  ),
  runBudget: optional(
    'RUN_BUDGET',
    runBudget,
    'no budget',
    'What a run may use up where its definition says nothing: `tokens`, `cost_micros`, `model_calls`, `wall_time`, `agents_added`, `depth`.',
  ),
  compensationTimeoutMs: variable(
    'COMPENSATION_TIMEOUT',
    seconds(1, 31_536_000),
    '600',
    'How long undoing a run may take in all; what is not undone by then stays as it is.',
  ),
  circuitFailures: variable(
    'CIRCUIT_BREAKER_FAILURE_THRESHOLD',
    wholeNumber(1, 1_000),
    '5',
    'Failures in a row after which calls to a target stop, at all workers.',
  ),
  circuitOpenMs: variable(
    'CIRCUIT_BREAKER_TIMEOUT',
    seconds(1, 86_400),
    '30',
    'How long they stop, before one call tries whether the target is back.',
  ),
  mapMaxItems: variable('MAP_MAX_ITEMS', wholeNumber(1, 1_000_000), '10000', 'Items of one map.'),
  childMaxDepth: variable('CHILD_MAX_DEPTH', wholeNumber(1, 100), '10', 'Children of children of a run, at most.'),
  childMaxCount: variable('CHILD_MAX_COUNT', wholeNumber(1, 100_000), '10000', 'Child runs that one node may ask for at once.'),
  testHoldMs: variable(
    'TEST_HOLD_SECONDS',
    seconds(0, 3_600),
    '0',
    'For tests: holds each run open in the worker, its lock held.',
  ),
  effectSinkUrl: optional(
    'EFFECT_SINK_URL',
    endpointUrl,
    'off',
    'For tests: where nodes of the type `effect` post; without it there are none.',
  ),
  faultPoints: variable(
    'FAULT_POINTS',
    faultPoints,
    '',
    'For tests: crash windows, and at which pass of each the process kills or stops itself.',
  ),
  sentinelDir: optional('SENTINEL_DIR', path, 'off', 'For tests: directory of the sentinel files of the `/run-agents` handler.'),
};

const workflows = {
  workflowMaxBytes: variable('WORKFLOW_MAX_BYTES', bytes(1_024, 16 * MIB), String(4 * MIB), 'Largest definition, as JSON.'),
  workflowMaxYamlBytes: variable(
    'WORKFLOW_MAX_YAML_BYTES',
    bytes(1_024, 16 * MIB),
    String(MIB / 4),
    'Largest definition in YAML, which takes far longer to read.',
  ),
  workflowMaxNodes: variable('WORKFLOW_MAX_NODES', wholeNumber(1, 1_000_000), '20000', 'Nodes of one definition.'),
  workflowMaxEdges: variable('WORKFLOW_MAX_EDGES', wholeNumber(1, 10_000_000), '200000', 'Dependencies of one definition.'),
  workflowMaxDepth: variable('WORKFLOW_MAX_DEPTH', wholeNumber(1, 1_000_000), '10000', 'Nodes that come one after the other.'),
  patchMaxAgents: variable(
    'PATCH_MAX_AGENTS',
    wholeNumber(0, 10_000),
    '5',
    'Agents that a run may add to itself over all its patches, unless its definition says `limits.agents_added`.',
  ),
  patchMaxNodes: variable(
    'PATCH_MAX_NODES',
    wholeNumber(0, 1_000_000),
    '100',
    'Nodes that a run may add to itself over all its patches.',
  ),
  patchNodeTypes: variable(
    'PATCH_NODE_TYPES',
    list,
    '',
    'Node types that patches may add or change, comma-separated; empty: all.',
  ),
  patchMaxOperations: variable('PATCH_MAX_OPERATIONS', wholeNumber(1, 10_000), '100', 'Operations of one patch.'),
  patchMaxBytes: variable('PATCH_MAX_BYTES', bytes(256, 16 * MIB), '262144', 'Largest patch, as JSON.'),
  patchMaxRevisions: variable('PATCH_MAX_REVISIONS', wholeNumber(1, 100_000), '100', 'Patches of one run.'),
  capacityAgents: variable(
    'CAPACITY_AGENTS',
    wholeNumber(1, 1_000_000),
    '10000',
    'Agents that there are in all; a workflow that declares more is refused.',
  ),
  capacityCpu: variable('CAPACITY_CPU', wholeNumber(1, 10_000_000, 'cores'), '100000', 'Cores that there are for agents in all.'),
  capacityMemoryBytes: variable(
    'CAPACITY_MEMORY',
    bytes(1, 1e15 - 1),
    '200000000000000',
    'Memory that there is for agents in all.',
  ),
};

const retrieval = {
  ingestMaxDocuments: variable(
    'INGEST_MAX_DOCUMENTS',
    wholeNumber(1, 10_000),
    '100',
    'Documents that a request ingests by itself; more are ingested by a run.',
  ),
  ingestMaxDocumentBytes: variable('INGEST_MAX_DOCUMENT_BYTES', bytes(1_024, 64 * MIB), String(4 * MIB), 'Largest document.'),
  ingestMaxFiles: variable('INGEST_MAX_FILES', wholeNumber(1, 1_000_000), '10000', 'Files or documents of one run.'),
  ingestMaxFileBytes: variable('INGEST_MAX_FILE_BYTES', bytes(1_024, 64 * MIB), String(32 * MIB), 'Largest file.'),
  ingestMaxBatchBytes: variable(
    'INGEST_MAX_BATCH_BYTES',
    bytes(1_024, 1_024 * 1_024 * MIB),
    String(1_024 * MIB),
    'All files of one request.',
  ),
  extractReaders: variable('EXTRACT_READERS', wholeNumber(1, 64), '2', 'Processes that read PDF, HTML and DOCX, of one worker.'),
  extractTimeoutMs: variable('EXTRACT_TIMEOUT_MS', milliseconds(100, 3_600_000), '30000', 'Bound on reading one file.'),
  extractMaxMemoryBytes: variable(
    'EXTRACT_MAX_MEMORY_BYTES',
    bytes(128 * MIB, 64 * 1_024 * MIB),
    String(1_024 * MIB),
    'Memory at which a process that reads a file is ended.',
  ),
  extractMaxPages: variable('EXTRACT_MAX_PAGES', wholeNumber(1, 1_000_000), '5000', 'Pages of one PDF.'),
  chunkSize: variable('CHUNK_SIZE', wholeNumber(100, 20_000, 'characters'), '1200', 'Length of a chunk.'),
  chunkOverlap: variable('CHUNK_OVERLAP', wholeNumber(0, 10_000, 'characters'), '150', 'What neighbouring chunks share.'),
};

const models = {
  modelProvider: variable(
    'MODEL_PROVIDER',
    providerName,
    'auto',
    'Of models that are named without a provider. auto: openai where OPENAI_API_KEY or OPENAI_BASE_URL is set, else the first of MODEL_PROVIDERS, else local.',
  ),
  modelProviders: secret(
    'MODEL_PROVIDERS',
    modelProviders,
    '',
    'More providers with the API of OpenAI: `base_url`, `default_model`, a key, and limits of their own; see docs/models.md.',
  ),
  modelPrices: variable(
    'MODEL_PRICES',
    modelPrices,
    '{}',
    'What a million tokens cost, by `provider/model` or `provider/*`: `input`, `output`, `cached_input`.',
  ),
  embeddingProvider: variable(
    'EMBEDDING_PROVIDER',
    provider,
    'auto',
    'The embedder. auto: openai where OPENAI_API_KEY or OPENAI_BASE_URL is set.',
  ),
  openaiBaseUrl: optional(
    'OPENAI_BASE_URL',
    endpointUrl,
    'https://api.openai.com/v1',
    'Any server with the API of OpenAI, usually with `/v1` at the end.',
  ),
  openaiApiKey: secret('OPENAI_API_KEY', apiKey, '', 'Key of that server.'),
  openaiModel: variable('OPENAI_MODEL', modelName, 'gpt-5.4-mini', 'Chat model of nodes that name none.'),
  openaiEmbeddingModel: variable('OPENAI_EMBEDDING_MODEL', modelName, 'text-embedding-3-small', 'Embedding model.'),
  openaiEmbeddingDimensions: variable(
    'OPENAI_EMBEDDING_DIMENSIONS',
    wholeNumber(1, 8_192),
    '1536',
    'Size of its vectors; `text-embedding-3-…` shortens them to it, any other model must have it.',
  ),
  modelTimeoutMs: variable(
    'MODEL_TIMEOUT_MS',
    milliseconds(100, 3_600_000),
    '120000',
    'Bound on one try of a call, answer included.',
  ),
  modelMaxRetries: variable(
    'MODEL_MAX_RETRIES',
    wholeNumber(0, 20),
    '2',
    'Further tries within one call; the retry policy of the node comes on top.',
  ),
  modelMaxConnections: variable(
    'MODEL_MAX_CONNECTIONS',
    wholeNumber(1, 10_000),
    '100',
    'Connections of one process to the server.',
  ),
};

const events = {
  sseHeartbeatMs: variable('SSE_HEARTBEAT_MS', milliseconds(100, 600_000), '15000', 'Pause between the heartbeats of a stream.'),
  sseMaxClients: variable('SSE_MAX_CLIENTS', wholeNumber(1, 100_000), '1000', 'Streams open at once in one process.'),
  sseBufferEvents: variable('SSE_BUFFER_EVENTS', wholeNumber(1, 100_000), '1000', 'Events held for one slow client.'),
  sseIdleMs: variable(
    'SSE_IDLE_MS',
    milliseconds(100, DAY_MS),
    '3600000',
    'A stream without an event for so long is closed; its client may come back with the last id.',
  ),
  preferWaitMaxMs: variable('PREFER_WAIT_MAX', seconds(0, 600), '60', 'The longest `Prefer: wait=N` of a start.'),
  cancelWaitMs: variable(
    'CANCEL_WAIT_MS',
    milliseconds(0, 60_000),
    '3000',
    'How long a cancel waits for the journal to say so before it answers 202.',
  ),
  doorbellPollMs: variable(
    'DOORBELL_POLL_MS',
    milliseconds(50, 600_000),
    '1000',
    'How often a stream reads the journal while the doorbell is dead.',
  ),
  doorbellHealthyPollMs: variable(
    'DOORBELL_HEALTHY_POLL_MS',
    milliseconds(50, 600_000),
    '5000',
    'How often a stream reads the journal though the doorbell is well: a ring may be lost.',
  ),
};

/** Every variable there is, in the order of the documentation. */
export const CONFIG_GROUPS = {
  Server: server,
  Access: access,
  Data: data,
  Blobs: blobs,
  'Queue and locks': queue,
  Limits: limits,
  Worker: worker,
  'Outbound calls': outbound,
  Workflows: workflows,
  Retrieval: retrieval,
  Models: models,
  Agents: agents,
  'Live events': events,
} as const;

/** The one schema of the configuration; its input is text by key, as the environment gives it. */
export const ConfigSchema = z.object({
  ...server,
  ...access,
  ...data,
  ...blobs,
  ...queue,
  ...limits,
  ...worker,
  ...outbound,
  ...workflows,
  ...retrieval,
  ...models,
  ...agents,
  ...events,
});
