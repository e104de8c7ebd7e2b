import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FAULT_POINTS, type ArmedFaultPoint, type FaultPoint } from '@baton/core';
import { parseAllowedTarget, type AllowedTarget } from '@baton/outbound';
import { z } from 'zod';

/** What the generated table and the error messages say about a variable. */
export interface VariableInfo {
  /** The environment variable. */
  name: string;
  /** As one would write it; empty: not set. */
  default: string;
  /** What holds where it is not set, if not nothing. */
  unset: string;
  allowed: string;
  description: string;
  /** Its value is never printed, and may come from the file that `<name>_FILE` names. */
  secret: boolean;
}

/** The information about each variable of {@link CONFIG_GROUPS}, by its schema. */
export const variableInfo = z.registry<VariableInfo>();

export interface Kind<T> {
  allowed: string;
  schema: z.ZodType<T, string>;
}

function checked<T>(allowed: string, accepts: (text: string) => boolean, convert: (text: string) => T): Kind<T> {
  return { allowed, schema: z.string().refine(accepts, `must be ${allowed}`).transform(convert) };
}

const keep = (text: string): string => text;
const between = (min: number, max: number) => (text: string) => Number(text) >= min && Number(text) <= max;
const range = (min: number, max: number): string => `from ${min} to ${max}`;

export function wholeNumber(min: number, max: number, unit = 'a whole number'): Kind<number> {
  return checked(`${unit} ${range(min, max)}`, (text) => /^\d{1,15}$/.test(text) && between(min, max)(text), Number);
}

export function milliseconds(min: number, max: number): Kind<number> {
  return wholeNumber(min, max, 'milliseconds');
}

export function bytes(min: number, max: number): Kind<number> {
  return wholeNumber(min, max, 'bytes');
}

/** Given in seconds, as the names of the sources have it; held in milliseconds, as all of Baton does. */
export function seconds(min: number, max: number): Kind<number> {
  return checked(
    `seconds ${range(min, max)}`,
    (text) => /^\d{1,9}(\.\d{1,3})?$/.test(text) && between(min, max)(text),
    (text) => Math.round(Number(text) * 1_000),
  );
}

/** Given in whole days; held in milliseconds. */
export function days(min: number, max: number): Kind<number> {
  return checked(
    `days ${range(min, max)}`,
    (text) => /^\d{1,9}$/.test(text) && between(min, max)(text),
    (text) => Number(text) * DAY_MS,
  );
}

export function choice<const T extends string>(...options: readonly T[]): Kind<T> {
  const find = (text: string): T | undefined => options.find((option) => option === text);
  return checked(
    options.join(', '),
    (text) => find(text) !== undefined,
    (text) => find(text)!,
  );
}

export function url(...protocols: readonly string[]): Kind<string> {
  const accepts = (text: string): boolean => URL.canParse(text) && protocols.includes(new URL(text).protocol);
  return checked(protocols.map((protocol) => `${protocol}//…`).join(' or '), accepts, keep);
}

export const path = checked('a path', (text) => !text.includes('\0'), keep);
export const host = checked('a host name or address', (text) => /^[A-Za-z0-9.:_-]{1,253}$/.test(text), keep);
export const keyPrefix = checked('at most 64 characters without blanks', (text) => /^\S{0,64}$/.test(text), keep);
export const list = checked('a list, separated by commas', () => true, splitList);
export const token = checked('at least 16 characters without blanks', (text) => /^\S{16,}$/.test(text), sha256);
/** Kept as it is: what is signed with it must be found genuine by every process. */
export const signingSecret = checked('at least 32 characters without blanks', (text) => /^\S{32,}$/.test(text), keep);

export const ports = checked(
  'a list of ports, separated by commas',
  (text) => splitList(text).every((entry) => /^\d{1,5}$/.test(entry) && between(1, 65_535)(entry)),
  (text) => splitList(text).map(Number),
);
export const allowedTargets = checked(
  'a list of host[:port], address[:port] or network[:port], separated by commas',
  (text) => splitList(text).every((entry) => parseAllowedTarget(entry) !== null),
  (text) => splitList(text).flatMap((entry) => parseAllowedTarget(entry) ?? ([] as AllowedTarget[])),
);
export const urlPaths = checked(
  'a list of paths that begin with `/`, separated by commas; `-` for none',
  (text) => text === '-' || splitList(text).every((entry) => entry.startsWith('/')),
  (text) => (text === '-' ? [] : splitList(text)),
);

/** What is too long for a line: JSON, or the path of a file with it. */
export function settings<T>(what: string, shape: z.ZodType<T>): Kind<T> {
  const allowed = `JSON, or the path of a file with it: ${what}`;
  const schema = z.string().transform((text, { issues }): T => {
    const parsed = shape.safeParse(readSettings(text));
    if (parsed.success) return parsed.data;
    const { path: at, message } = parsed.error.issues[0]!;
    const place = at.length === 0 ? '' : ` (\`${at.join('.')}\`: ${message})`;
    issues.push({ code: 'custom', message: `must be ${allowed}${place}`, input: text });
    return z.NEVER;
  });
  return { allowed, schema };
}

/** Null where there is no JSON. */
function readSettings(text: string): unknown {
  try {
    return JSON.parse(/^\s*[[{]/.test(text) ? text : readFileSync(text, 'utf8'));
  } catch {
    return null;
  }
}

export const faultPoints = checked(
  'a list of <fault point>:<pass> or <fault point>:<pass>:stop, separated by commas',
  isFaultPoints,
  readFaultPoints,
);

export const provider = choice('auto', 'local', 'openai');
export const modelName = checked('at most 200 characters without blanks', (text) => /^\S{1,200}$/.test(text), keep);
/** As it can stand in a header. */
export const apiKey = checked('printable ASCII without blanks', (text) => /^[\x21-\x7e]+$/.test(text), keep);

export const endpointUrl = checked(
  'http://… or https://…, without credentials',
  (text) => URL.canParse(text) && /^https?:\/\/[^@]*$/.test(text),
  keep,
);

export const s3Name = checked('letters, digits, dots and hyphens', (text) => /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(text), keep);
export const s3Prefix = checked(
  'lower-case letters, digits, `.`, `_`, `-`, and slashes between them',
  (text) => /^[a-z0-9._-]+(\/[a-z0-9._-]+)*$/.test(text) && !/(^|\/)\.{1,2}(\/|$)/.test(text),
  keep,
);

export const databaseUrl = checked(
  'mysql://user:password@host:port/name, sqlite:<path> or sqlite::memory:',
  (text) => /^sqlite:.+/.test(text) || (/^(mysql|mariadb):\/\//.test(text) && URL.canParse(text)),
  keep,
);

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

const POOL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export const pools = checked(
  'a list of names of pools, separated by commas',
  (text) => splitList(text).every((entry) => POOL_NAME.test(entry)),
  (text) => [...new Set(splitList(text))],
);
export const poolRoutes = checked(
  'a list of <node type>:<pool>, separated by commas',
  (text) =>
    splitList(text).every((entry) => entry.split(':').length === 2 && entry.split(':').every((name) => POOL_NAME.test(name))),
  (text): ReadonlyMap<string, string> => new Map(splitList(text).map((entry) => entry.split(':') as [string, string])),
);
export const yesNo = checked(
  'true or false',
  (text) => text === 'true' || text === 'false',
  (text) => text === 'true',
);

const ARMED = /^([\w.]+):([1-9]\d{0,8})(:stop)?$/;

function isFaultPoints(text: string): boolean {
  const known: readonly string[] = FAULT_POINTS;
  return splitList(text).every((entry) => known.includes(ARMED.exec(entry)?.[1] ?? ''));
}

function readFaultPoints(text: string): ArmedFaultPoint[] {
  return splitList(text).map((entry) => {
    const [point = '', pass = '', fault] = entry.split(':');
    return { point: point as FaultPoint, pass: Number(pass), fault: fault === 'stop' ? 'stop' : 'kill' };
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function variable<T>(name: string, kind: Kind<T>, initial: string, description: string): z.ZodType<T, string | undefined> {
  const info = { name, default: initial, unset: '', allowed: kind.allowed, description, secret: false };
  return kind.schema.prefault(initial).register(variableInfo, info);
}

export type Optional<T> = z.ZodType<T | null, string | null | undefined>;

/** Null where it is not set. */
export function optional<T>(name: string, kind: Kind<T>, unset: string, description: string, isSecret = false): Optional<T> {
  const info = { name, default: '', unset, allowed: kind.allowed, description, secret: isSecret };
  return kind.schema.nullable().prefault(null).register(variableInfo, info);
}

export function secret<T>(name: string, kind: Kind<T>, unset: string, description: string): Optional<T> {
  return optional(name, kind, unset, description, true);
}

export const DAY_MS = 86_400_000;
export const MIB = 1_048_576;
