import { createHash } from 'node:crypto';

const TAIL = 4_000;

/** Everything that happened in a simulation, in order. Two plays of one seed have one hash. */
export class Trace {
  private readonly sum = createHash('sha256');
  private readonly last: string[] = [];
  private readonly names = new Map<string, string>();

  constructor(private readonly listener: (line: string) => void = () => undefined) {}

  note(at: number, line: string): void {
    const text = `${at} ${line}`;
    this.sum.update(text).update('\n');
    this.last.push(text);
    if (this.last.length > 2 * TAIL) this.last.splice(0, TAIL);
    this.listener(text);
  }

  /** A short name for a run, by the order in which it is first spoken of. */
  nameOf(runId: string): string {
    const name = this.names.get(runId) ?? `run-${this.names.size + 1}`;
    this.names.set(runId, name);
    return name;
  }

  hash(): string {
    return this.sum.copy().digest('hex');
  }

  /** The last lines of which this is true. */
  tail(count: number, wanted: (line: string) => boolean = () => true): string[] {
    return this.last.filter(wanted).slice(-count);
  }
}

/** How often each thing happened. */
export class Counters {
  readonly counts: Record<string, number> = {};

  count(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }

  add(other: Readonly<Record<string, number>>): void {
    for (const [name, times] of Object.entries(other)) this.count(name, times);
  }
}
