import { eventIdOf, runEvent, type Clock, type Plan, type RunState, type Signal, type SignalType } from '@baton/core';
import { PatchIntake } from './patch-intake.js';
import type { RunOutbox } from './run-outbox.js';
import type { RunPools } from './run-pools.js';

interface RunInboxParts {
  state: RunState;
  outbox: RunOutbox;
  pools: RunPools;
  /** The signals that wait for the run. */
  readSignals(): Promise<readonly Signal[]>;
  getPlan(digest: string): Promise<Plan>;
  /** Stops what is in work without counting it as a failure. */
  interrupt(reason: string): void;
  tell(): void;
  clock: Clock;
}

/** Signals that one commit answers: a paused run, or one with many children, may find any number. */
const ANSWERED_AT_ONCE = 100;

/** The signals of a run in work: they are read when it is told that some wait, and leave the inbox with the events that they become. */
export class RunInbox {
  private readonly patches: PatchIntake;
  /** Signals that were read and are not events yet. */
  private unanswered: Signal[] = [];
  /** Signals that were seen: a second look at the inbox may find them again. */
  private readonly seen = new Set<number>();
  private cancelWish: Wish | null = null;
  private childAt = -Infinity;
  private isRung = false;

  constructor(private readonly parts: RunInboxParts) {
    const { state, outbox, clock } = parts;
    this.patches = new PatchIntake({ state, outbox, getPlan: (digest) => parts.getPlan(digest), clock });
  }

  /** That the run is to be cancelled; null: nobody has asked for it. */
  get cancelled(): Wish | null {
    return this.cancelWish;
  }

  /** When the end of a child was last read. */
  get lastChildAt(): number {
    return this.childAt;
  }

  /** Signals wait: they are to be read. */
  ring(): void {
    this.isRung = true;
  }

  /** Takes signals that were read for this run. */
  deliver(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.seen.has(signal.id)) continue;
      this.seen.add(signal.id);
      this.unanswered.push(signal);
      // A run that is being undone is ending anyway: what is done must not stay half undone.
      if (signal.type === 'cancel' && this.parts.state.undoing === null) this.cancelWish ??= wishOf(signal);
    }
    if (signals.length > 0) this.parts.tell();
  }

  /** Reads what waits, if it was told that something does. */
  async read(): Promise<void> {
    if (!this.isRung) return;
    this.isRung = false;
    this.deliver(await this.parts.readSignals());
  }

  /** Nothing was read that is not answered, and nobody says that more waits. */
  get isQuiet(): boolean {
    return !this.isRung && this.isAnswered;
  }

  /** Whether everything that was read is answered. */
  get isAnswered(): boolean {
    return this.unanswered.length === 0;
  }

  /** Reads the inbox, and loads what patches need, until nothing is left to wait for. How many can be answered at once; the others wait for the next turn. */
  async gather(): Promise<number> {
    for (;;) {
      await this.read();
      if (!this.patches.isPrepared(this.unanswered)) await this.patches.prepare(this.unanswered);
      else if (!this.isRung) return Math.min(this.unanswered.length, ANSWERED_AT_ONCE);
    }
  }

  /** Turns the first signals into their events. The nodes that they answer go on at the next decision. */
  answer(count: number): void {
    for (const signal of this.unanswered.splice(0, count)) this.record(signal);
  }

  /** The run ends: what was read leaves the inbox with that, unanswered. */
  dismiss(): void {
    for (const { id } of this.unanswered.splice(0)) this.parts.outbox.consume(id);
  }

  private record(signal: Signal): void {
    const { state, outbox, pools, clock } = this.parts;
    const at = clock.now();
    const wish = wishOf(signal);
    outbox.consume(signal.id);
    if (signal.type === 'pause') {
      // What has failed for good is undone to its end.
      if (state.paused || state.failure !== null) return;
      outbox.record(runEvent('run.paused', at, wish));
      this.parts.interrupt(wish.reason);
    } else if (signal.type === 'resume') {
      if (state.paused) outbox.record(runEvent('run.resumed', at, wish));
    } else if (signal.type === 'patch') {
      this.patches.answer(signal);
    } else if (signal.type === 'pool') {
      pools.answer(signal);
    } else if (!this.wasReceived(signal)) {
      const { id, type, payload } = signal;
      if (type === 'child') this.childAt = at;
      outbox.record(runEvent('signal.received', at, { signal_id: id, type, payload }));
    }
  }

  /** The reply to its commit was lost, and it was sent again after the run had taken it in. */
  private wasReceived({ type, payload }: Signal): boolean {
    const id = eventIdOf(type, payload);
    return id !== null && this.parts.state.receivedEvents.has(id);
  }
}

/** What a signal without a reason of its own says. */
const REASONS: Partial<Record<SignalType, string>> = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' };

/** Why, and who asked for it where that is known. */
export interface Wish {
  reason: string;
  by?: string;
}

function wishOf({ type, payload: { reason, by } }: Signal): Wish {
  const why = typeof reason === 'string' ? reason : (REASONS[type] ?? type);
  return { reason: why, ...(typeof by === 'string' && { by }) };
}
