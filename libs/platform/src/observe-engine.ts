import { isHeldBack, type Logger } from '@baton/core';
import type { EngineObserver } from '@baton/engine';
import { rateLimited } from './logging.js';
import type { Metrics } from './metrics.js';
import type { Sentinels } from './sentinels.js';

/** In every line about a decision of the `/run-agents` handler: what operators and smoke tests search for. */
const MARKER = 'RUN_AGENTS_DBG';

/** Turns what the engine tells into metrics, log lines with the ids concerned, and sentinels. What may happen often is rate limited. */
export function observeEngine(metrics: Metrics, log: Logger, sentinels: Sentinels | null): EngineObserver {
  const often = rateLimited(log);
  const leave = (...line: Parameters<Sentinels['write']>): void => {
    try {
      sentinels?.write(...line);
    } catch (err) {
      often.warn({ err }, 'A sentinel could not be written');
    }
  };
  return {
    submitEntered: ({ taskId }) => {
      log.info({ marker: MARKER, task_id: taskId }, 'RUN_AGENTS_DBG entered');
      leave('entered', taskId);
    },
    submitAcquired: ({ taskId, runId, method, tokenLength }) => {
      metrics.countLockAcquired('submit', method);
      const fields = { marker: MARKER, task_id: taskId, run_id: runId, method, token_len: tokenLength };
      log.info(fields, 'RUN_AGENTS_DBG lock acquired');
      leave('acquired', taskId, 'LOCK_ACQUIRED', `run_id=${runId}`, `method=${method}`, `token_len=${tokenLength}`);
    },
    submitConflict: ({ taskId, runId, method, tokenLength }) => {
      metrics.countLockConflict('submit', method);
      const fields = { marker: MARKER, task_id: taskId, run_id: runId, method, token_len: tokenLength };
      log.info(fields, 'RUN_AGENTS_DBG lock conflict');
      leave('conflict', taskId, 'LOCK_CONFLICT', `run_id=${runId}`, `method=${method}`, `token_len=${tokenLength}`);
    },
    runSubmitted: ({ runId, taskId }) => {
      metrics.countEnqueued();
      log.debug({ run_id: runId, task_id: taskId }, 'Run accepted');
    },
    startRefused: ({ code, limit }) => {
      metrics.countStartRefused(code, limit);
      often.warn({ code, limit }, 'A start was refused');
    },
    runWaitsForPlace: ({ runId, taskId }) => {
      metrics.countLimitedRuns('queued', 1);
      log.debug({ run_id: runId, task_id: taskId }, 'Run waits for a place under a limit');
    },
    runsAdmitted: ({ scope, runs }) => {
      metrics.countLimitedRuns('admitted', runs);
      log.debug({ scope, runs }, 'Runs admitted under a limit');
    },
    deadLetterLeft: ({ runId, kind, code }) => {
      metrics.countDeadLetter(kind);
      log.warn({ run_id: runId, kind, code }, 'A run has left a dead letter');
    },
    dispatchFailed: (runId, err) =>
      often.warn({ run_id: runId, err }, 'The queue did not take a run; the waker will dispatch it'),
    runClaimed: ({ runId, taskId, epoch, workerId, queuedMs }) => {
      if (queuedMs !== null) metrics.observeQueued(queuedMs);
      log.debug({ run_id: runId, task_id: taskId, epoch, worker_id: workerId }, 'Run claimed');
    },
    claimRefused: ({ runId, reason }) => log.debug({ run_id: runId, reason }, 'A job found nothing to do'),
    nodeEnded: ({ runId, taskId, nodeId, type, outcome, ms, error }) => {
      const fields = {
        run_id: runId,
        task_id: taskId,
        node_id: nodeId,
        type,
        ms: Number(ms.toFixed(1)),
        ...(error !== undefined && { error }),
      };
      if (outcome !== 'skipped') metrics.observeNode(type, outcome, ms);
      if (error !== undefined && isHeldBack(error)) metrics.countHeldBack(type, error.code);
      if (outcome === 'completed') log.debug(fields, 'Node completed');
      else log.warn(fields, `Node ${outcome}`);
    },
    runEnded: ({ runId, taskId, status, ms }) => {
      metrics.observeRun(status, ms);
      log.info({ run_id: runId, task_id: taskId, status, ms }, 'Run ended');
    },
    runParked: ({ runId, taskId, wakeAt }) => {
      const wake = wakeAt === null ? null : new Date(wakeAt).toISOString();
      log.debug({ run_id: runId, task_id: taskId, wake_at: wake }, 'Run parked');
    },
    runLetGo: ({ runId, taskId, reason }) => log.warn({ run_id: runId, task_id: taskId, reason }, 'Run let go before its end'),
    leaseRenewed: (outcome) => metrics.countLeaseRenewal(outcome),
    workerRescued: ({ workerId, sign, raised }) => {
      metrics.countWorkerRescued(sign);
      log.warn(
        { worker_id: workerId, sign, raised },
        'A worker was found dead: its lease was ended and its runs dispatched again',
      );
    },
    wakerPassed: ({ due, raised, wiped }) => {
      metrics.countWakerPass({ found: due, enqueued: raised, raised });
      if (wiped && raised > 0) log.warn({ due, raised }, 'The queue has lost its data: everything due was dispatched again');
    },
    checkpointsPassed: ({ written, removed }) => {
      metrics.countCheckpoints('written', written);
      metrics.countCheckpoints('removed', removed);
    },
    locksReaped: ({ freed }) => {
      metrics.countReapedLocks(freed);
      if (freed > 0) often.info({ freed }, 'Locks were freed that nobody needed any more');
    },
    runsRemoved: ({ removed, archived, cleared }) => {
      metrics.countRemovedRuns({ removed, archived });
      if (removed + cleared > 0) often.info({ removed, archived, cleared }, 'Runs were removed that ended long ago');
    },
    runNotArchived: ({ runId, error }) => {
      metrics.countArchiveFailure();
      often.error({ run_id: runId, err: error }, 'A run stays longer than it should: it could not be archived');
    },
    budgetsSwept: ({ settled, released }) => {
      metrics.countSweptHolds('settled', settled);
      metrics.countSweptHolds('released', released);
      if (settled + released > 0) often.info({ settled, released }, 'Budgets were freed that dead workers had held');
    },
    budgetsGranted: ({ granted }) => {
      metrics.countGrantedAsks(granted);
      if (granted > 0) often.info({ granted }, 'Runs go on: the budget of their tenant has room again');
    },
    auditPassed: ({ runs }) => metrics.countAuditedRuns(runs),
    auditViolation: ({ runId, kind, detail }) => {
      metrics.countAuditViolation(kind);
      log.error({ run_id: runId, kind, detail }, 'A run is as none may be');
    },
    runsCounted: ({ runs, late }) => {
      metrics.countCountedRuns('in_order', runs - late);
      metrics.countCountedRuns('late', late);
    },
    checkpointIgnored: ({ runId, reason }) => {
      metrics.countCheckpoints(reason === 'size' ? 'too_large' : 'ignored', 1);
      often.info({ run_id: runId, reason }, 'A checkpoint is of no use: the journal is read from its beginning');
    },
    circuitOpened: ({ target, failures, lastError, ms }) => {
      metrics.countCircuitOpened();
      log.warn({ target, failures, last_error: lastError, ms }, 'Circuit opened: calls to the target are stopped');
    },
    circuitClosed: ({ target }) => log.info({ target }, 'Circuit closed: the target answers again'),
    logsWritten: ({ kept, dropped }) => {
      metrics.countLogLines('kept', kept);
      metrics.countLogLines('dropped', dropped);
    },
    poolsRescued: ({ idle, raised }) => {
      metrics.countPoolRescue({ idle, raised });
      if (raised > 0) often.warn({ idle, raised }, 'Nodes that nobody worked on in their pools were dispatched again');
    },
    ingestSwept: (counts) => {
      metrics.countIngestSwept(counts);
      if (Object.values(counts).some((count) => count > 0)) log.info(counts, 'Finished what had been cut off');
    },
    trouble: ({ what, error, runId }) =>
      often.warn({ what, err: error, ...(runId !== undefined && { run_id: runId }) }, `Trouble: ${what}`),
  };
}
