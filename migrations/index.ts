import { CreateTables1763596800000 } from './1763596800000-create-tables.js';
import { NameAgentsOnce1763603000000 } from './1763603000000-name-agents-once.js';
import { KeepFiles1763640000000 } from './1763640000000-keep-files.js';
import { CreateRagConfigs1763643600000 } from './1763643600000-create-rag-configs.js';
import { ArchiveWorkflows1763650800000 } from './1763650800000-archive-workflows.js';
import { KeepDefinitions1763654400000 } from './1763654400000-keep-definitions.js';
import { CreateApprovals1763658000000 } from './1763658000000-create-approvals.js';
import { TellDecisionsApart1763661600000 } from './1763661600000-tell-decisions-apart.js';
import { LinkRuns1763662000000 } from './1763662000000-link-runs.js';
import { CreatePoolJobs1763663000000 } from './1763663000000-create-pool-jobs.js';
import { KeepRevisions1763664000000 } from './1763664000000-keep-revisions.js';
import { LimitRuns1763665000000 } from './1763665000000-limit-runs.js';
import { KeepDeadLetters1763665100000 } from './1763665100000-keep-dead-letters.js';
import { AnnouncePlaces1763665500000 } from './1763665500000-announce-places.js';
import { CreateCircuits1763666000000 } from './1763666000000-create-circuits.js';
import { CreateCheckpoints1763667000000 } from './1763667000000-create-checkpoints.js';
import { AuditRuns1763667100000 } from './1763667100000-audit-runs.js';
import { RankRuns1763670000000 } from './1763670000000-rank-runs.js';
import { SumUsage1763680000000 } from './1763680000000-sum-usage.js';
import { AnnounceTools1763690000000 } from './1763690000000-announce-tools.js';
import { WeighApprovals1763700000000 } from './1763700000000-weigh-approvals.js';
import { NameStarters1763700100000 } from './1763700100000-name-starters.js';
import { CreateArtifacts1763720000000 } from './1763720000000-create-artifacts.js';
import { ReferToBlobs1763721000000 } from './1763721000000-refer-to-blobs.js';
import { FindWithoutScans1763740000000 } from './1763740000000-find-without-scans.js';
import { CreatePatterns1763750000000 } from './1763750000000-create-patterns.js';
import { CountRuns1763760000000 } from './1763760000000-count-runs.js';
import { HoldBudgets1763770000000 } from './1763770000000-hold-budgets.js';
import { RemoveRuns1763770100000 } from './1763770100000-remove-runs.js';
import { FindTasksByStatus1763795000000 } from './1763795000000-find-tasks-by-status.js';
import { KeepRoomForClaims1763800000000 } from './1763800000000-keep-room-for-claims.js';
import { FindRunsByTime1763800100000 } from './1763800100000-find-runs-by-time.js';
import { KeepRunLogs1763810000000 } from './1763810000000-keep-run-logs.js';
import { IndexWhatFewRunsHave1763820000000 } from './1763820000000-index-what-few-runs-have.js';
import { FindBudgetAsks1763830000000 } from './1763830000000-find-budget-asks.js';
import { NameUnarchivedRuns1763850000000 } from './1763850000000-name-unarchived-runs.js';
import { FindLocksByRun1763860000000 } from './1763860000000-find-locks-by-run.js';

/** All migrations in order; each runs on MySQL, MariaDB and SQLite. */
export const migrations = [
  CreateTables1763596800000,
  NameAgentsOnce1763603000000,
  KeepFiles1763640000000,
  CreateRagConfigs1763643600000,
  ArchiveWorkflows1763650800000,
  KeepDefinitions1763654400000,
  CreateApprovals1763658000000,
  TellDecisionsApart1763661600000,
  LinkRuns1763662000000,
  CreatePoolJobs1763663000000,
  KeepRevisions1763664000000,
  LimitRuns1763665000000,
  KeepDeadLetters1763665100000,
  AnnouncePlaces1763665500000,
  CreateCircuits1763666000000,
  CreateCheckpoints1763667000000,
  AuditRuns1763667100000,
  RankRuns1763670000000,
  SumUsage1763680000000,
  AnnounceTools1763690000000,
  WeighApprovals1763700000000,
  NameStarters1763700100000,
  CreateArtifacts1763720000000,
  ReferToBlobs1763721000000,
  FindWithoutScans1763740000000,
  CreatePatterns1763750000000,
  CountRuns1763760000000,
  HoldBudgets1763770000000,
  RemoveRuns1763770100000,
  FindTasksByStatus1763795000000,
  KeepRoomForClaims1763800000000,
  FindRunsByTime1763800100000,
  KeepRunLogs1763810000000,
  IndexWhatFewRunsHave1763820000000,
  FindBudgetAsks1763830000000,
  NameUnarchivedRuns1763850000000,
  FindLocksByRun1763860000000,
];
