import { z } from 'zod';
import { DAY_MS, choice, days, optional, path, s3Name, s3Prefix, settings, variable, wholeNumber } from './config-kinds.js';

const FOR_EVER = 'for ever';
const MAX_DAYS = 36_500;

const WANTED = `must be days from 1 to ${MAX_DAYS}, or "${FOR_EVER}"`;

const TenantDays = z
  .union([z.int(WANTED).min(1, WANTED).max(MAX_DAYS, WANTED), z.literal(FOR_EVER)], WANTED)
  .transform((given) => (given === FOR_EVER ? null : given * DAY_MS));
const TenantRetention = z.record(z.string().min(1).max(64), TenantDays).transform((terms) => new Map(Object.entries(terms)));

/** How long runs are kept, and where then. */
export const retention = {
  runRetentionMs: optional(
    'RUN_RETENTION_DAYS',
    days(1, MAX_DAYS),
    FOR_EVER,
    'How many days runs are kept after their end, with journals, results and artifacts.',
  ),
  runTenantRetention: variable(
    'RUN_TENANT_RETENTION_DAYS',
    settings('days by tenant, as {"tenant": 30, "another": "for ever"}', TenantRetention),
    '{}',
    'How many days the runs of single tenants are kept, whatever RUN_RETENTION_DAYS says.',
  ),
  runArchive: variable(
    'RUN_ARCHIVE',
    choice('off', 'fs', 's3'),
    'off',
    'Where runs are archived before they are removed: in RUN_ARCHIVE_PATH, or in a bucket of the S3 of S3_URL.',
  ),
  runArchivePath: optional(
    'RUN_ARCHIVE_PATH',
    path,
    '',
    'Directory of the archive; it must be there, and all workers must see the same one.',
  ),
  runArchiveBucket: optional('RUN_ARCHIVE_BUCKET', s3Name, 'S3_BUCKET', 'The bucket of the archive; it must be there.'),
  runArchivePrefix: variable('RUN_ARCHIVE_PREFIX', s3Prefix, 'archive', 'Stands before the names of its objects.'),
  runArchiveConcurrency: variable('RUN_ARCHIVE_CONCURRENCY', wholeNumber(1, 64), '2', 'Runs that a worker archives at once.'),
};
