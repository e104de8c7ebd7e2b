import { readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { BatonError, type Problem, type RetentionTerms, type RunLimits } from '@baton/core';
import type { z } from 'zod';
import { isLoopback } from './authority.js';
import { variableInfo, type VariableInfo } from './config-kinds.js';
import type { SecretSources } from './config-outbound.js';
import { withKeys, type ModelProviderConfig } from './config-models.js';
import { ConfigSchema } from './config-variables.js';

/** What a process is: everything in one, or one half of a deployment. */
export type ProcessRole = 'standalone' | 'api' | 'worker';

type Values = z.infer<typeof ConfigSchema>;

/** The validated configuration. Durations are milliseconds, sizes bytes, tokens SHA-256 in hex; null is "not set". */
export type Config = Readonly<
  Omit<Values, 'databaseUrl' | 'vectorPath' | 'modelProviders' | 'httpSecrets'> & {
    role: ProcessRole;
    databaseUrl: string;
    vectorPath: string;
    modelProviders: ReadonlyMap<string, ModelProviderConfig>;
    httpSecrets: SecretSources;
    /** The value of a variable that HTTP_SECRETS names; null: of any other. Not a member, so that no secret is printed with the rest. */
    readHttpSecret: (variable: string) => string | null;
  }
>;

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A rule over several variables; it is not asked while one of them is at fault by itself. */
interface CrossCheck {
  variables: readonly string[];
  isBroken: (config: Config) => boolean;
  message: string;
}

const CROSS_CHECKS: readonly CrossCheck[] = [
  {
    variables: ['REDIS_URL'],
    isBroken: (config) => config.role !== 'standalone' && config.redisUrl === null,
    message: 'must be set for a separate API or worker process (`npm start` runs both in one process without it)',
  },
  {
    variables: ['QUEUE'],
    isBroken: (config) => config.role !== 'standalone' && config.queue === 'memory',
    message: 'must be auto or bullmq for a separate API or worker process: the in-process queue reaches no other process',
  },
  {
    variables: ['DATABASE_URL'],
    isBroken: (config) => config.role !== 'standalone' && config.databaseUrl === 'sqlite::memory:',
    message: 'must be a file or a server for a separate API or worker process: nobody else sees a database in memory',
  },
  {
    variables: ['HOST', 'RBAC_FILE', 'API_TOKEN_VIEWER', 'API_TOKEN_OPERATOR', 'API_TOKEN_ADMIN'],
    isBroken: (config) => listens(config) && !hasTokens(config) && !isLoopback(config.host),
    message:
      'must be a loopback address (127.0.0.1, ::1, localhost) while no token is configured: set API_TOKEN_ADMIN or RBAC_FILE',
  },
  {
    variables: ['ALLOWED_HOSTS', 'CORS_ORIGINS'],
    isBroken: (config) => !hasTokens(config) && (config.allowedHosts.length > 0 || config.corsOrigins.length > 0),
    message: 'lets others in through a proxy or a web page, who would all be admins: set API_TOKEN_ADMIN or RBAC_FILE first',
  },
  {
    variables: ['BLOB_STORE', 'S3_URL', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
    isBroken: (config) => config.blobStore === 's3' && !hasS3(config),
    message: 'must be sql or fs while S3_URL, S3_ACCESS_KEY_ID or S3_SECRET_ACCESS_KEY is not set',
  },
  {
    variables: ['RUN_ARCHIVE', 'S3_URL', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
    isBroken: (config) => config.runArchive === 's3' && !hasS3(config),
    message: 'must be off or fs while S3_URL, S3_ACCESS_KEY_ID or S3_SECRET_ACCESS_KEY is not set',
  },
  {
    variables: ['RUN_ARCHIVE_PATH', 'RUN_ARCHIVE'],
    isBroken: (config) => config.runArchive === 'fs' && config.runArchivePath === null,
    message: 'must be set where RUN_ARCHIVE is fs: make a directory that all workers see, and name it',
  },
  {
    variables: ['RUN_ARCHIVE_PREFIX', 'S3_PREFIX', 'RUN_ARCHIVE_BUCKET', 'S3_BUCKET', 'RUN_ARCHIVE', 'BLOB_STORE'],
    isBroken: (config) =>
      config.runArchive === 's3' &&
      config.blobStore === 's3' &&
      archiveBucketOf(config) === config.s3Bucket &&
      overlap(join('/', config.runArchivePrefix), join('/', config.s3Prefix)),
    message:
      'must be neither S3_PREFIX nor within it or around it, in the same bucket: what tidies the archive would remove payloads of runs that are kept',
  },
  {
    variables: ['RUN_ARCHIVE_PATH', 'BLOB_PATH', 'DATA_DIR', 'RUN_ARCHIVE', 'BLOB_STORE'],
    isBroken: (config) =>
      config.runArchive === 'fs' &&
      config.blobStore === 'fs' &&
      config.runArchivePath !== null &&
      overlap(config.runArchivePath, blobPathOf(config)),
    message:
      'must be neither BLOB_PATH nor within it or around it: what tidies the archive would remove payloads of runs that are kept',
  },
  {
    variables: ['WORKER_RUNS', 'WORKER_POOLS'],
    isBroken: (config) => !config.workerRuns && config.workerPools.length === 0,
    message: 'must be true for a worker without WORKER_POOLS: it would have nothing to do',
  },
  {
    variables: ['LEASE_RENEW_MS', 'LEASE_TTL_MS'],
    isBroken: (config) => config.leaseRenewMs * 3 > config.leaseTtlMs,
    message: 'must be at most a third of LEASE_TTL_MS, so that a lost renewal costs no lease',
  },
  {
    variables: ['MODEL_PROVIDER', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'],
    isBroken: (config) => config.modelProvider === 'openai' && !hasModelEndpoint(config),
    message: 'must not be openai while neither OPENAI_API_KEY nor OPENAI_BASE_URL is set',
  },
  {
    variables: ['MODEL_PROVIDER', 'MODEL_PROVIDERS'],
    isBroken: ({ modelProvider, modelProviders }) =>
      !['auto', 'local', 'openai'].includes(modelProvider) && !modelProviders.has(modelProvider),
    message: 'must be auto, local, openai, or the name of a provider in MODEL_PROVIDERS',
  },
  {
    variables: ['EMBEDDING_PROVIDER', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'],
    isBroken: (config) => config.embeddingProvider === 'openai' && !hasModelEndpoint(config),
    message: 'must be auto or local while neither OPENAI_API_KEY nor OPENAI_BASE_URL is set',
  },
  {
    variables: ['HTTP_SECRETS'],
    isBroken: ({ httpSecrets, readHttpSecret }) =>
      [...httpSecrets.values()].some(({ env }) => env !== undefined && !readHttpSecret(env)),
    message: 'names a variable that is not set',
  },
  {
    variables: ['CHUNK_OVERLAP', 'CHUNK_SIZE'],
    isBroken: (config) => config.chunkOverlap * 2 > config.chunkSize,
    message: 'must be at most half of CHUNK_SIZE',
  },
  {
    variables: ['MAX_BODY_BYTES', 'MAX_INPUT_BYTES', 'INGEST_MAX_DOCUMENT_BYTES'],
    isBroken: (config) => config.maxBodyBytes < Math.max(config.maxInputBytes, config.ingestMaxDocumentBytes),
    message: 'must be at least MAX_INPUT_BYTES and INGEST_MAX_DOCUMENT_BYTES',
  },
];

/**
 * Reads the environment once. Nothing else in Baton reads it.
 *
 * @throws BatonError `config_invalid`: its message and its `problems` name every variable that is wrong; no secret is shown.
 */
export function loadConfig(role: ProcessRole, environment: Environment = process.env): Config {
  const problems: Problem[] = [];
  const values = readValues(environment, problems);
  const httpSecrets: SecretSources = values.httpSecrets ?? (new Map() as SecretSources);
  const environmentSecrets = new Set([...httpSecrets.values()].map(({ env }) => env));
  const config: Config = {
    ...values,
    role,
    databaseUrl: values.databaseUrl ?? `sqlite:${values.dataDir}/baton.sqlite`,
    vectorPath: values.vectorPath ?? `${values.dataDir}/vectors.sqlite`,
    modelProviders: withKeys(values.modelProviders ?? new Map(), environment, problems),
    httpSecrets,
    readHttpSecret: (name) => (environmentSecrets.has(name) ? (environment[name] ?? null) : null),
  };
  const faulty = new Set(problems.map((problem) => problem.pointer));
  for (const { variables, isBroken, message } of CROSS_CHECKS) {
    if (variables.some((name) => faulty.has(name))) continue;
    if (isBroken(config)) problems.push({ pointer: variables[0]!, message });
  }
  if (problems.length > 0) throw configError(problems);
  return Object.freeze(config);
}

function hasS3({ s3Url, s3AccessKeyId, s3SecretAccessKey }: Config): boolean {
  return s3Url !== null && s3AccessKeyId !== null && s3SecretAccessKey !== null;
}

/** The directory of blobs that are files. */
export function blobPathOf({ blobPath, dataDir }: Config): string {
  return blobPath ?? join(dataDir, 'blobs');
}

/** The bucket of an archive in S3. */
export function archiveBucketOf({ runArchiveBucket, s3Bucket }: Config): string {
  return runArchiveBucket ?? s3Bucket;
}

/** Whether two directories are the same, or one lies within the other. */
function overlap(one: string, other: string): boolean {
  const isWithin = (inner: string, outer: string): boolean => relative(resolve(outer), resolve(inner)).split(sep)[0] !== '..';
  return isWithin(one, other) || isWithin(other, one);
}

/** A worker listens only where it is told a port. */
function listens({ role, workerPort }: Config): boolean {
  return role !== 'worker' || workerPort !== null;
}

/** Whether any token is configured. Without one, access is open and confined to loopback. */
export function hasTokens(config: Config): boolean {
  return [config.rbacFile, config.apiTokenViewerHash, config.apiTokenOperatorHash, config.apiTokenAdminHash].some(
    (value) => value !== null,
  );
}

/** What a run may use up. */
export function runLimitsOf({
  runTimeoutMs: timeoutMs,
  compensationTimeoutMs: compensationMs,
  runBudget: budget,
}: Config): RunLimits {
  return { timeoutMs, compensationMs, ...(budget !== null && { budget }) };
}

/** How long the runs of whom are kept. */
export function retentionOf({ runRetentionMs: keepMs, runTenantRetention: tenants }: Config): RetentionTerms {
  return { keepMs, tenants };
}

/** Whether a model endpoint is configured: a key says OpenAI's own, a base URL any other. */
export function hasModelEndpoint(config: Config): boolean {
  return config.openaiApiKey !== null || config.openaiBaseUrl !== null;
}

/** The provider of models that are named without one. */
export function defaultProvider(config: Config): string {
  if (config.modelProvider !== 'auto') return config.modelProvider;
  if (hasModelEndpoint(config)) return 'openai';
  return [...config.modelProviders.keys()][0] ?? 'local';
}

/** The error that says all that is wrong with the configuration, a line each. */
export function configError(problems: readonly Problem[]): BatonError {
  const lines = problems.map(({ pointer, message }) => `  ${pointer}: ${message}`);
  return new BatonError('config_invalid', `The configuration is not valid:\n${lines.join('\n')}`, {}, { problems });
}

/** Parses each variable; one that is at fault is reported and stands as its default, so that the others are still checked. */
function readValues(environment: Environment, problems: Problem[]): Values {
  const texts: Record<string, string | undefined> = {};
  for (const [key, schema] of Object.entries(ConfigSchema.shape)) {
    const info = variableInfo.get(schema)!;
    const text = readText(info, environment, problems);
    const parsed = schema.safeParse(text);
    if (parsed.success) {
      texts[key] = text;
      continue;
    }
    const shown = info.secret ? '' : `, not ${JSON.stringify(text)}`;
    problems.push({ pointer: info.name, message: `${parsed.error.issues[0]!.message}${shown}` });
  }
  return ConfigSchema.parse(texts);
}

/** The text of a variable. Empty counts as unset: that is how compose files pass what is not there. */
function readText(info: VariableInfo, environment: Environment, problems: Problem[]): string | undefined {
  const text = environment[info.name] || undefined;
  const fileVariable = `${info.name}_FILE`;
  const file = info.secret ? environment[fileVariable] || undefined : undefined;
  if (file === undefined) return text;
  if (text !== undefined) {
    problems.push({ pointer: info.name, message: `must not be set together with ${fileVariable}` });
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push({ pointer: info.name, message: `${fileVariable} names a file that cannot be read (${code})` });
    return undefined;
  }
}
