import {
  BatonError,
  inlineForm,
  lookupIn,
  openForm,
  referencesIn,
  referenceTo,
  type BlobRef,
  type BlobStore,
  type JsonValue,
  type LoadedPayloads,
} from '@baton/core';

export interface RunPayloadsOptions {
  /** A value with more bytes, as JSON, goes to the blob store. */
  thresholdBytes: number;
  /** What is kept in memory of payloads that were read, in bytes of JSON. */
  cacheBytes: number;
}

/**
 * How long a payload is kept before a commit refers to it. From the put to the commit pass milliseconds, and never more than the bound of a write;
 * an hour also covers clocks that disagree.
 */
const KEEP_FOR_MS = 3_600_000;

interface Cached {
  readonly value: JsonValue;
  readonly bytes: number;
}

/**
 * Turns values into the forms that runs carry, and back. A payload is put before the commit that refers to it, with a time for which it is kept without:
 * whoever reads the reference finds the payload. In the commit itself the run is written down as one that refers to it, which holds from then on.
 */
export class RunPayloads {
  /** Payloads that were read, the one that was used last at the end. */
  private readonly cache = new Map<string, Cached>();
  private cachedBytes = 0;

  constructor(
    private readonly blobs: Pick<BlobStore, 'put' | 'get'>,
    private readonly options: RunPayloadsOptions,
  ) {}

  /** The form of a value; `text` is the value as JSON. @throws BatonError `payload_too_large`, `storage_unavailable`. */
  async keep(tenantId: string, value: JsonValue, text = JSON.stringify(value)): Promise<JsonValue> {
    return this.isSmall(text) ? inlineForm(value, text) : this.put(tenantId, value, text);
  }

  /** Whether a value stays where it is: what {@link keep} needs no store for. */
  isSmall(text: string): boolean {
    const { thresholdBytes } = this.options;
    return text.length * 3 <= thresholdBytes || Buffer.byteLength(text) <= thresholdBytes;
  }

  private async put(tenantId: string, value: JsonValue, text: string): Promise<JsonValue> {
    const bytes = Buffer.from(text);
    const digest = await this.blobs.put(tenantId, bytes, { keepForMs: KEEP_FOR_MS });
    this.remember(`${tenantId}/${digest}`, { value, bytes: bytes.length });
    return referenceTo(digest, bytes.length);
  }

  /** The value of a form. @throws BatonError as `load`. */
  async open(tenantId: string, form: JsonValue): Promise<JsonValue> {
    const references = referencesIn(form);
    return openForm(form, lookupIn(await this.load(tenantId, references)));
  }

  /** The payloads of references. @throws BatonError `blob_damaged` where one is damaged or gone, `storage_unavailable`. */
  async load(tenantId: string, references: readonly BlobRef[]): Promise<LoadedPayloads> {
    const loaded = new Map<string, JsonValue>();
    for (const { sha256 } of references) if (!loaded.has(sha256)) loaded.set(sha256, await this.read(tenantId, sha256));
    return loaded;
  }

  private async read(tenantId: string, digest: string): Promise<JsonValue> {
    const key = `${tenantId}/${digest}`;
    const cached = this.cache.get(key);
    if (cached !== undefined) {
      this.cache.delete(key);
      this.cache.set(key, cached);
      return cached.value;
    }
    const bytes = await this.blobs.get(tenantId, digest);
    if (bytes === null) throw new BatonError('blob_damaged', `The payload ${digest} is gone.`, { digest }, { retryable: false });
    const value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as JsonValue;
    this.remember(key, { value, bytes: bytes.length });
    return value;
  }

  private remember(key: string, cached: Cached): void {
    const earlier = this.cache.get(key);
    if (earlier !== undefined) this.cachedBytes -= earlier.bytes;
    this.cache.delete(key);
    this.cache.set(key, cached);
    this.cachedBytes += cached.bytes;
    for (const [oldest, { bytes }] of this.cache) {
      if (this.cachedBytes <= this.options.cacheBytes) return;
      this.cache.delete(oldest);
      this.cachedBytes -= bytes;
    }
  }
}
