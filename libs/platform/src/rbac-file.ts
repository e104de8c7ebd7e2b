import { readFileSync } from 'node:fs';
import { DEFAULT_TENANT, ROLES, type Problem } from '@baton/core';
import { z } from 'zod';
import { configError } from './config.js';

const RbacFileSchema = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        role: z.enum(ROLES),
        tenant: z.string().min(1).max(64).default(DEFAULT_TENANT),
        sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits, as `npm run hash-token` prints'),
      }),
    )
    .min(1),
});

/** What RBAC_FILE says of tokens. @throws BatonError `config_invalid` when it cannot be read or is not valid. */
export function readRbacFile(path: string): z.infer<typeof RbacFileSchema> {
  const parsed = RbacFileSchema.safeParse(readJson(path));
  if (!parsed.success) throw configError(parsed.error.issues.map(toProblem));
  return parsed.data;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw configError([{ pointer: 'RBAC_FILE', message: `names a file that is not readable JSON: ${path}` }]);
  }
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  return { pointer: `RBAC_FILE /${issue.path.join('/')}`, message: issue.message };
}
