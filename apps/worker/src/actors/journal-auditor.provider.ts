import type { Provider } from '@nestjs/common';
import { Clock, RunAudit } from '@baton/core';
import { JournalAuditor, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Events of one run: with them a pass reads some thousand small rows at most. */
const MAX_EVENTS = 500;

/** Looks whether journals, rows and tasks agree. */
export const journalAuditor: Provider = {
  provide: JournalAuditor,
  inject: [RunAudit, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (
    audit: RunAudit,
    clock: Clock,
    observer: EngineObserver,
    { auditIntervalMs: intervalMs, auditBatch: batch }: Config,
  ) => new JournalAuditor({ audit, clock, observer, random: Math.random }, { intervalMs, batch, maxEvents: MAX_EVENTS }),
};
