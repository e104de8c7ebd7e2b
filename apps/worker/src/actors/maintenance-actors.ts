import type { Provider } from '@nestjs/common';
import {
  BudgetGranter,
  BudgetSweeper,
  CheckpointWriter,
  IngestSweeper,
  JournalAuditor,
  LockReaper,
  PoolRescuer,
  RunAdmitter,
  RunRemover,
  RunCounter,
  RunWaker,
  WorkerRescuer,
} from '@baton/engine';
import { budgetGranter } from './budget-granter.provider.js';
import { budgetSweeper } from './budget-sweeper.provider.js';
import { checkpointWriter } from './checkpoint-writer.provider.js';
import { ingestSweeper } from './ingest-sweeper.provider.js';
import { journalAuditor } from './journal-auditor.provider.js';
import { lockReaper } from './lock-reaper.provider.js';
import { poolRescuer } from './pool-rescuer.provider.js';
import { runRemover } from './run-remover.provider.js';
import { runCounter } from './run-counter.provider.js';
import { workerRescuer } from './worker-rescuer.provider.js';

/** Looks after something beside the runs: bounded passes at intervals, in every worker, none of which needs to know of the others. */
interface MaintenanceActor {
  start(): void;
  /** Resolves when the pass in work is done. */
  stop(): Promise<void>;
}

/** The maintenance actors of a worker. They begin when it takes jobs, and end while its last nodes do. */
export class MaintenanceActors {
  constructor(private readonly actors: readonly MaintenanceActor[]) {}

  start(): void {
    for (const actor of this.actors) actor.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.actors.map((actor) => actor.stop()));
  }
}

/** The actors, each from a file of its own, and what starts and stops them. */
export const maintenanceActors: Provider[] = [
  budgetGranter,
  budgetSweeper,
  checkpointWriter,
  ingestSweeper,
  journalAuditor,
  lockReaper,
  poolRescuer,
  runRemover,
  runCounter,
  workerRescuer,
  {
    provide: MaintenanceActors,
    inject: [
      RunWaker,
      RunAdmitter,
      BudgetGranter,
      BudgetSweeper,
      CheckpointWriter,
      IngestSweeper,
      JournalAuditor,
      LockReaper,
      PoolRescuer,
      RunRemover,
      RunCounter,
      WorkerRescuer,
    ],
    useFactory: (...actors: MaintenanceActor[]) => new MaintenanceActors(actors),
  },
];
