import type { Clock, Doorbell, Ring, RunStore } from '@baton/core';
import { diffSnapshots, type ChangeLook, type ChangeTopic, type Snapshot } from './change-looks.js';
import type { EngineObserver } from './engine-observer.js';
import { RunTenants } from './run-tenants.js';

/** Hears which of a tenant's things have changed; null: any of them may have. */
export type ChangeListener = (ids: readonly string[] | null) => void;

/** All who listen to one topic of one tenant. */
interface Audience {
  readonly topic: ChangeTopic;
  readonly tenantId: string;
  readonly listeners: Set<ChangeListener>;
  /** What was seen at the last look; the first look tells nobody. */
  seen: Snapshot;
  lookAt: number;
  /** What is to be told; null: more than can be named. */
  news: Set<string> | null;
  readonly ready: Promise<void>;
}

/** How often news are told at most. */
const TELL_EVERY_MS = 250;
/** More than this is told as "any of them". */
const NAMED = 200;
/** How soon after a ring a look is worth it, and how often everything is looked at while rings may be lost. */
const LOOK_SOON_MS = 1_000;

/**
 * Tells who listens that runs, approvals, tasks or workers of a tenant have changed, whichever process has changed them: coalesced, at most four
 * times a second. One loop for all listeners of the process, and only while there are any; it hears the doorbell, and looks at what does not ring.
 */
export class ChangeFeed {
  private readonly audiences = new Map<string, Audience>();
  private readonly tenants: RunTenants;
  /** Runs that have rung since the last turn, with their tasks; null: more than can be named. */
  private rung: Map<string, string | null> | null = new Map();
  /** A worker has died since the last turn, perhaps before it rang. */
  private someoneDied = false;
  private stop: AbortController | null = null;

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'findRuns'>;
      looks: Readonly<Record<ChangeTopic, ChangeLook>>;
      doorbell: Doorbell;
      clock: Clock;
      observer: Pick<EngineObserver, 'trouble'>;
    },
  ) {
    this.tenants = new RunTenants(parts.runs);
  }

  /** Resolves once nothing that happens from now on is missed. Returns the way to stop. */
  async listen(topic: ChangeTopic, tenantId: string, listener: ChangeListener): Promise<() => void> {
    const key = `${topic} ${tenantId}`;
    const audience = this.audiences.get(key) ?? this.gather(key, topic, tenantId);
    audience.listeners.add(listener);
    const leave = (): void => {
      audience.listeners.delete(listener);
      if (audience.listeners.size > 0 || this.audiences.get(key) !== audience) return;
      this.audiences.delete(key);
      if (this.audiences.size === 0) this.close();
    };
    await audience.ready.catch((error: unknown) => {
      leave();
      throw error;
    });
    return leave;
  }

  close(): void {
    this.stop?.abort();
    this.stop = null;
  }

  private gather(key: string, topic: ChangeTopic, tenantId: string): Audience {
    this.stop ??= this.start();
    const look = this.parts.looks[topic];
    const audience: Audience = {
      ...{ topic, tenantId, listeners: new Set(), seen: new Map(), lookAt: Infinity, news: new Set() },
      ready: look.take(tenantId).then((seen) => {
        audience.seen = seen;
        audience.lookAt = this.parts.clock.monotonic() + look.everyMs;
      }),
    };
    this.audiences.set(key, audience);
    return audience;
  }

  private start(): AbortController {
    const stop = new AbortController();
    const stopListening = this.parts.doorbell.listen((ring) => this.hear(ring));
    stop.signal.addEventListener('abort', stopListening, { once: true });
    void this.run(stop.signal);
    return stop;
  }

  private hear(ring: Ring): void {
    if (ring.kind === 'death') this.someoneDied = true;
    if (ring.kind !== 'journal' || this.rung === null) return;
    this.rung.set(ring.runId, ring.taskId);
    if (this.rung.size > NAMED) this.rung = null;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.turn().catch((error: unknown) => this.parts.observer.trouble({ what: 'change feed', error }));
      await this.parts.clock.sleep(TELL_EVERY_MS, signal);
    }
  }

  private async turn(): Promise<void> {
    const { rung } = this;
    this.rung = new Map();
    const audiences = [...this.audiences.values()];
    if (rung === null || rung.size > 0) await this.takeRings(rung, audiences);
    const now = this.parts.clock.monotonic();
    const latest = this.someoneDied ? 0 : this.parts.doorbell.isHealthy() ? Infinity : LOOK_SOON_MS;
    this.someoneDied = false;
    for (const audience of audiences) {
      const { everyMs } = this.parts.looks[audience.topic];
      const overdue = audience.lookAt - everyMs + latest <= now;
      if (audience.lookAt <= now || overdue) await this.look(audience);
    }
    for (const audience of audiences) tell(audience);
  }

  /** What rings is told without a look; a look follows where a ring may mean something. */
  private async takeRings(rung: ReadonlyMap<string, string | null> | null, audiences: readonly Audience[]): Promise<void> {
    const byRing = audiences.filter(({ topic }) => topic === 'runs' || topic === 'tasks');
    const soon = this.parts.clock.monotonic() + LOOK_SOON_MS;
    for (const audience of audiences) if (audience.topic === 'approvals') audience.lookAt = Math.min(audience.lookAt, soon);
    if (rung === null) {
      for (const audience of byRing) audience.news = null;
    } else if (byRing.length > 0) {
      const tenants = await this.tenants.find([...rung.keys()]).catch((error: unknown) => {
        this.rung = null;
        throw error;
      });
      for (const { topic, tenantId, news } of byRing) {
        for (const [runId, taskId] of rung) {
          const id = topic === 'runs' ? runId : taskId;
          if (id !== null && tenants.get(runId) === tenantId) news?.add(id);
        }
      }
    }
  }

  private async look(audience: Audience): Promise<void> {
    const look = this.parts.looks[audience.topic];
    audience.lookAt = this.parts.clock.monotonic() + look.everyMs;
    const seen = await look.take(audience.tenantId);
    for (const id of diffSnapshots(audience.seen, seen, look.pushesOutFrom)) audience.news?.add(id);
    audience.seen = seen;
  }
}

function tell(audience: Audience): void {
  const { news } = audience;
  if (news?.size === 0) return;
  audience.news = new Set();
  const ids = news === null || news.size > NAMED ? null : [...news];
  for (const listener of audience.listeners) listener(ids);
}
