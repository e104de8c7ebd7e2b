import { z } from 'zod';
import { DAY_MS, days, optional, settings, variable } from './config-kinds.js';

const FOR_EVER = 'for ever';
const MAX_DAYS = 36_500;

const WANTED = `must be days from 1 to ${MAX_DAYS}, or "${FOR_EVER}"`;

const TenantDays = z
  .union([z.int(WANTED).min(1, WANTED).max(MAX_DAYS, WANTED), z.literal(FOR_EVER)], WANTED)
  .transform((given) => (given === FOR_EVER ? null : given * DAY_MS));
const TenantRetention = z.record(z.string().min(1).max(64), TenantDays).transform((terms) => new Map(Object.entries(terms)));

/** How long runs are kept. */
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
};
