export interface PayloadRef {
  sha256: string;
  bytes: number;
}

/** More than this nobody downloads one by one. */
const MOST = 20;

/** The references to payloads that stand anywhere in a value, each once. */
export function payloadsIn(value: unknown): PayloadRef[] {
  const found = new Map<string, PayloadRef>();
  collect(value, found);
  return [...found.values()];
}

function collect(value: unknown, found: Map<string, PayloadRef>): void {
  if (typeof value !== 'object' || value === null || found.size >= MOST) return;
  const { $blob: reference } = value as { $blob?: PayloadRef };
  if (typeof reference?.sha256 === 'string') found.set(reference.sha256, reference);
  else for (const inner of Object.values(value)) collect(inner, found);
}
