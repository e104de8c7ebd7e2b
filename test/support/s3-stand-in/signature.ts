import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface S3Keys {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

const MAX_SKEW_MS = 15 * 60_000;

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** What is wrong with the signature of a request, as S3 calls it; null: nothing. By the letter of AWS Signature Version 4, headers only. */
export function signatureProblem(request: IncomingMessage, body: Uint8Array, keys: S3Keys): string | null {
  const { authorization = '' } = request.headers;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (parts === null) return 'AccessDenied';
  const [, keyId, day, region, signedHeaders, signature] = parts as unknown as [string, string, string, string, string, string];
  if (keyId !== keys.accessKeyId) return 'InvalidAccessKeyId';
  const date = headerOf(request, 'x-amz-date');
  if (Math.abs(Date.parse(toIso(date)) - Date.now()) > MAX_SKEW_MS || !date.startsWith(day)) return 'RequestTimeTooSkewed';
  if (region !== keys.region) return 'AuthorizationHeaderMalformed';
  const names = signedHeaders.split(';');
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name))) return 'AccessDenied';
  if (headerOf(request, 'x-amz-content-sha256') !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, names))].join('\n');
  const key = [region, 's3', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${keys.secretAccessKey}`, day));
  return hmac(key, toSign).toString('hex') === signature ? null : 'SignatureDoesNotMatch';
}

function canonicalRequest(request: IncomingMessage, names: readonly string[]): string {
  const [path = '', query = ''] = request.url!.split('?');
  const headers = names.map((name) => `${name}:${headerOf(request, name).trim()}\n`).join('');
  const sorted = query.split('&').toSorted().join('&');
  return [request.method, path, sorted, headers, names.join(';'), headerOf(request, 'x-amz-content-sha256')].join('\n');
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** `20261120T120000Z` */
function toIso(basic: string): string {
  return basic.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
}
