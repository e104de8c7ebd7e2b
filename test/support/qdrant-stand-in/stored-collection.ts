import type { JsonObject, JsonValue } from '@baton/core';
import { isObject } from './json-schema.js';

interface StoredPoint {
  id: string | number;
  vector: Float32Array;
  payload: JsonObject;
  version: number;
}

/** What a request says that Qdrant does not accept, though its document cannot say so. */
export class WrongInput extends Error {}

/** Points of one collection in memory: exact cosine search with filters. Ties come as Qdrant likes, here by the point's id. */
export class StoredCollection {
  readonly points = new Map<string | number, StoredPoint>();
  readonly indexes: JsonObject = {};
  private operations = 0;

  constructor(readonly size: number) {}

  nextOperation(): number {
    return (this.operations += 1);
  }

  checkVector(vector: JsonValue | undefined): void {
    if (!Array.isArray(vector) || vector.some((value) => typeof value !== 'number')) throw new WrongInput('not a dense vector');
    if (vector.length !== this.size) {
      throw new WrongInput(`Vector dimension error: expected dim: ${this.size}, got ${vector.length}`);
    }
  }

  put(points: readonly JsonObject[], version: number): void {
    for (const { id, vector, payload } of points) {
      const key = id as string | number;
      this.points.set(key, { id: key, vector: toUnit(vector as number[]), payload: isObject(payload) ? payload : {}, version });
    }
  }

  query(vector: readonly number[], filter: JsonValue | undefined, limit: number): { point: StoredPoint; score: number }[] {
    const wanted = toUnit(vector);
    const scored = this.matching(filter).map((point) => ({ point, score: cosine(point.vector, wanted) }));
    return scored.toSorted((a, b) => b.score - a.score || (String(a.point.id) < String(b.point.id) ? -1 : 1)).slice(0, limit);
  }

  count(filter: JsonValue | undefined): number {
    return this.matching(filter).length;
  }

  remove(filter: JsonValue | undefined): void {
    for (const { id } of this.matching(filter)) this.points.delete(id);
  }

  private matching(filter: JsonValue | undefined): StoredPoint[] {
    return [...this.points.values()].filter(({ payload }) => matches(filter, payload));
  }
}

/** The payload keys that a filter looks at. */
export function filterKeys(filter: JsonValue | undefined): string[] {
  if (!isObject(filter)) return [];
  const conditions = ['must', 'should', 'must_not'].flatMap((clause) => conditionsOf(filter[clause]));
  return conditions.flatMap((condition) => (typeof condition['key'] === 'string' ? [condition['key']] : filterKeys(condition)));
}

function matches(filter: JsonValue | undefined, payload: JsonObject): boolean {
  if (!isObject(filter)) return true;
  const holds = (condition: JsonObject): boolean => meets(condition, payload);
  const [must, should, mustNot] = ['must', 'should', 'must_not'].map((clause) => conditionsOf(filter[clause]));
  return must!.every(holds) && (should!.length === 0 || should!.some(holds)) && !mustNot!.some(holds);
}

function meets(condition: JsonObject, payload: JsonObject): boolean {
  if (typeof condition['key'] !== 'string') return matches(condition, payload);
  const { match } = condition;
  if (!isObject(match)) throw new WrongInput('the stand-in knows conditions with `match` only');
  const value = payload[condition['key']];
  if (Array.isArray(match['any'])) return value !== undefined && match['any'].includes(value);
  if ('value' in match) return value === match['value'];
  throw new WrongInput('the stand-in knows `match.value` and `match.any` only');
}

function conditionsOf(clause: JsonValue | undefined): JsonObject[] {
  if (clause === undefined || clause === null) return [];
  return (Array.isArray(clause) ? clause : [clause]) as JsonObject[];
}

/** As Qdrant keeps vectors for cosine. */
function toUnit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return Math.fround(a.reduce((sum, value, at) => sum + value * b[at]!, 0));
}
