import { BatonError } from './errors.js';

/** What a node or a step leaves behind for people: a report, a file, a data set. Its bytes are in the {@link BlobStore}. */
export interface Artifact {
  id: string;
  tenantId: string;
  runId: string;
  /** The node that has made it; null: it was made for the run as a whole. */
  nodeId: string | null;
  name: string;
  mediaType: string;
  /** SHA-256 of its bytes, hex. */
  digest: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** An artifact to keep. */
export interface ArtifactDraft extends Pick<Artifact, 'tenantId' | 'runId' | 'nodeId' | 'name' | 'mediaType'> {
  /** Tells apart what one node makes under one name: its visit, the key of the step. The same for every try of the same work. */
  key: string;
  content: Uint8Array;
}

export interface ArtifactQuery {
  tenantId: string;
  runId?: string;
  /** Keyset: artifacts made before this one, newest first. */
  before?: { createdAt: number; id: string };
  limit: number;
}

/** The artifacts of runs: a row in SQL that refers to a blob. Whoever sees the row can read the bytes. */
export abstract class ArtifactStore {
  /**
   * Keeps an artifact, once: the same run, node, key and name again gives the one that was kept first, whatever its content.
   * @throws BatonError `invalid_request` for a name or media type that is none, `payload_too_large`, `storage_unavailable`.
   */
  abstract keep(draft: ArtifactDraft): Promise<Artifact>;
  abstract find(tenantId: string, id: string): Promise<Artifact | null>;
  abstract list(query: ArtifactQuery): Promise<Artifact[]>;
  /** Its bytes. @throws BatonError `blob_damaged` where they are not what was kept, or are gone; `storage_unavailable`. */
  abstract read(artifact: Pick<Artifact, 'tenantId' | 'digest'>): Promise<Uint8Array>;
}

const MAX_NAME_CHARS = 200;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}(; ?charset=[a-z0-9-]{1,40})?$/i;

/**
 * Refuses names that no file may have everywhere, and what is no media type.
 * @throws BatonError `invalid_request`.
 */
export function checkArtifact({ name, mediaType }: Pick<Artifact, 'name' | 'mediaType'>): void {
  const problem = nameProblem(name) ?? (MEDIA_TYPE.test(mediaType) ? null : `\`${mediaType.slice(0, 100)}\` is no media type.`);
  if (problem !== null) throw new BatonError('invalid_request', problem, {}, { retryable: false });
}

function nameProblem(name: string): string | null {
  if (name.trim() === '' || name === '.' || name === '..') return 'An artifact needs a name.';
  if (name.length > MAX_NAME_CHARS) return `The name of an artifact has ${MAX_NAME_CHARS} characters at most.`;
  return /[\p{Cc}\p{Cs}/\\]/u.test(name) ? 'The name of an artifact has no slashes and no control characters.' : null;
}
