import type { RunHead } from './run-head.js';

/** A signal that waits in a run's inbox; `payload` is JSON text. */
export interface InboxRow {
  readonly id: number;
  readonly runId: string;
  readonly type: string;
  readonly payload: string;
  readonly at: number;
}

/** Selects rows of the table `signals` as {@link InboxRow}. */
export const INBOX_SELECT = 'id, run_id AS runId, type, payload, at';

/** The columns of a row, in the order of {@link signalValues}; the database numbers it. */
export const SIGNAL_COLUMNS = ['run_id', 'tenant_id', 'type', 'payload', 'at'];

export interface NewSignal extends Omit<InboxRow, 'id'> {
  readonly tenantId: string;
  /** Its `signalId` is set by the insert. */
  readonly outcome: { kind: 'sent'; signalId: number; workerId: string | null };
}

export function signalValues({ runId, tenantId, type, payload, at }: NewSignal): unknown[] {
  return [runId, tenantId, type, payload, at];
}

/** The inboxes as a batch leaves them. */
export class InboxBook {
  readonly sent: NewSignal[] = [];
  /** Ids of signals that appends have answered. */
  readonly consumed: number[] = [];
  /** Ended runs: what is left in their inboxes has no reader any more. */
  readonly endedRuns: string[] = [];
  private readonly known = new Map<string, Map<number, InboxRow>>();
  private readonly signalled = new Set<string>();

  constructor(rows: readonly InboxRow[]) {
    for (const row of rows) this.of(row.runId).set(row.id, row);
  }

  /** What waits there and is like it. */
  find({ runId, type, payload, at }: Omit<InboxRow, 'id'>): InboxRow | undefined {
    return [...this.of(runId).values()].find((row) => row.type === type && row.payload === payload && row.at === at);
  }

  hasSignals(runId: string, besides: readonly number[] = []): boolean {
    return this.signalled.has(runId) || [...this.of(runId).keys()].some((id) => !besides.includes(id));
  }

  send({ workerId }: RunHead, signal: Omit<NewSignal, 'outcome'>): NewSignal['outcome'] {
    const outcome: NewSignal['outcome'] = { kind: 'sent', signalId: 0, workerId };
    this.signalled.add(signal.runId);
    this.sent.push({ ...signal, outcome });
    return outcome;
  }

  consume(runId: string, id: number): void {
    this.consumed.push(id);
    this.of(runId).delete(id);
  }

  end({ id }: RunHead): void {
    this.endedRuns.push(id);
  }

  private of(runId: string): Map<number, InboxRow> {
    const known = this.known.get(runId);
    if (known !== undefined) return known;
    const empty = new Map<number, InboxRow>();
    this.known.set(runId, empty);
    return empty;
  }
}
