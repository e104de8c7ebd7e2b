import { setImmediate as yieldTurn } from 'node:timers/promises';
import { Embedder, type EmbedOptions } from '@baton/core';
import { isStopWord, splitWords, stem } from './words.js';

/** What each kind of feature weighs. Words decide; pairs keep their order; letter groups find other forms and misspellings. */
const WORD_WEIGHT = 1;
const STOP_WORD_WEIGHT = 0.05;
const PAIR_WEIGHT = 0.3;
const LETTERS_WEIGHT = 0.8;
const LETTERS = 3;

/** The model that needs no service, and the sizes of vectors that it can make. */
export const LOCAL_EMBEDDING = 'local-hash-v1';
export const LOCAL_DIMENSIONS = [256, 512, 1_024] as const;
/** The size that it makes unless another is asked for. */
export const LOCAL_SIZE = 512;

/** Texts embedded in one turn of the event loop. */
const TEXTS_PER_TURN = 16;

/**
 * Embeds without a model, a key or a network: feature hashing (Weinberger et al., 2009) of word stems, pairs of them and groups of letters,
 * with sublinear counts, to unit length. Texts that share words are near each other, whatever their order; synonyms are not. The same text
 * has the same vector on every machine, for ever: another formula needs another id.
 */
export class LocalEmbedder extends Embedder {
  readonly id = LOCAL_EMBEDDING;

  constructor(readonly dimensions: (typeof LOCAL_DIMENSIONS)[number] = LOCAL_SIZE) {
    super();
  }

  async embed(texts: readonly string[], { signal }: EmbedOptions = {}): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      if (vectors.length % TEXTS_PER_TURN === 0) {
        if (vectors.length > 0) await yieldTurn();
        signal?.throwIfAborted();
      }
      vectors.push(this.embedText(text));
    }
    return vectors;
  }

  private embedText(text: string): Float32Array {
    const features = weighFeatures(text);
    // A text without a single word still needs a direction of its own.
    if (features.size === 0) features.set(`raw ${text}`, 1);
    const vector = new Float32Array(this.dimensions);
    for (const [feature, weight] of features) {
      const hash = hashText(feature);
      const at = (hash >>> 1) % this.dimensions;
      vector[at] = vector[at]! + (hash & 1 ? weight : -weight);
    }
    return toUnitLength(vector);
  }
}

/** Features with their weights: each occurrence beyond the first adds less. */
function weighFeatures(text: string): Map<string, number> {
  const counts = new Map<string, { weight: number; count: number }>();
  const add = (feature: string, weight: number): void => {
    const known = counts.get(feature);
    if (known === undefined) counts.set(feature, { weight, count: 1 });
    else known.count += 1;
  };
  let previous: string | null = null;
  for (const word of splitWords(text)) {
    const root = stem(word);
    if (isStopWord(word)) {
      add(`w ${root}`, STOP_WORD_WEIGHT);
      continue;
    }
    add(`w ${root}`, WORD_WEIGHT);
    if (previous !== null) add(`p ${previous} ${root}`, PAIR_WEIGHT);
    previous = root;
    const padded = `_${root}_`;
    const groups = Math.max(padded.length - LETTERS + 1, 1);
    for (let at = 0; at < groups; at += 1) add(`l ${padded.slice(at, at + LETTERS)}`, LETTERS_WEIGHT / Math.sqrt(groups));
  }
  return new Map([...counts].map(([feature, { weight, count }]) => [feature, weight * (1 + Math.log(count))]));
}

/** FNV-1a over UTF-16 units, then murmur3's finalizer, so that every bit depends on every letter. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Features may cancel each other out, in a text of a few words; the first direction then stands for it. */
function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  else vector.forEach((value, at) => (vector[at] = value / length));
  return vector;
}
