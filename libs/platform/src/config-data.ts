import {
  DAY_MS,
  MIB,
  apiKey,
  bytes,
  choice,
  databaseUrl,
  endpointUrl,
  list,
  milliseconds,
  optional,
  path,
  s3Name,
  s3Prefix,
  secret,
  variable,
  wholeNumber,
  yesNo,
} from './config-kinds.js';

/** Where rows and vectors are kept. */
export const data = {
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

/** Where files and large payloads are kept. */
export const blobs = {
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
