import { BatonError } from '@baton/core';

/** @throws BatonError `internal` for a vector of another size, or without a direction. */
export function checkVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    throw new BatonError('internal', `A vector has ${vector.length} dimensions instead of ${dimensions}`);
  }
  const length = vector.reduce((sum, value) => sum + value * value, 0);
  if (!(length > 0 && length < Infinity)) throw new BatonError('internal', 'A vector without a direction cannot be compared');
}

/** The error of a collection that is there in another size; which store it is in says how to get rid of it. */
export function sizeMismatch(collection: string, stored: number, wanted: number): BatonError {
  return new BatonError(
    'config_invalid',
    `The collection \`${collection}\` holds vectors of ${stored} dimensions, not of ${wanted}`,
    { collection, stored, wanted },
    { remedy: 'Choose another collection name with PUT /api/rag/config, or remove the collection.', retryable: false },
  );
}

/** The error of a write into a collection that nobody has prepared. */
export function notPrepared(collection: string): BatonError {
  return new BatonError('internal', `The collection \`${collection}\` was used before \`prepare\``, { collection });
}
