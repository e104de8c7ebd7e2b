import { randomUUID } from 'node:crypto';
import {
  agentReadable,
  applyOperations,
  BatonError,
  definitionPatch,
  diffDefinitions,
  isSameDefinition,
  isTerminal,
  patchError,
  patchToken,
  ownLimits,
  policyProblems,
  readPatch,
  startedProblems,
  type Clock,
  type DefinitionDiff,
  type JsonValue,
  type PatchBounds,
  type PatchOperation,
  type PatchPolicy,
  type PatchProblem,
  type PatchResult,
  type Revision,
  type RevisionDraft,
  type Run,
  type RunState,
  type RunStore,
  type WorkflowDefinition,
  type WorkflowStore,
} from '@baton/core';
import type { RunInspector } from './inspect-run.js';
import type { WorkflowPublisher } from './publish-workflow.js';

export interface PatchRequest {
  tenantId: string;
  runId: string;
  /** The revision that the patch was made for; null: whichever the run has. */
  revision: number | null;
  /** Operations of RFC 6902 on the definition. */
  patch: JsonValue;
  reason: string;
  by: string;
}

/** A patch that a node makes to its own run. */
export interface NodePatchRequest extends Pick<PatchRequest, 'tenantId' | 'runId' | 'patch' | 'reason'> {
  nodeId: string;
  /** The same whenever the node asks for the same. */
  key: string;
  /** The run as its holder knows it, ahead of the journal. */
  state: RunState;
}

/** What a patch would make of a run. */
export interface PatchPreview {
  /** The revision that it was held against. */
  base: number;
  previousDigest: string;
  /** Null where the operations cannot be applied, or what they make has not the shape of a definition. */
  definition: WorkflowDefinition | null;
  diff: DefinitionDiff | null;
  operations: readonly PatchOperation[];
  /** None: it can be made. */
  problems: readonly PatchProblem[];
  warnings: readonly PatchProblem[];
}

/** The definition that a run has, or will have at its next decision. */
export interface CurrentDefinition {
  revision: number;
  digest: string;
  definition: WorkflowDefinition;
}

export interface RunPatcherOptions {
  bounds: PatchBounds;
  policy: PatchPolicy;
  /** Patches of one run. */
  maxRevisions: number;
}

/** How often a node's patch is made anew because the run had another revision meanwhile. */
const STALE_TRIES = 5;

/**
 * Changes the definitions of runs while they run. A patch is held against the run's definition, its policy and what has started; accepted, it
 * is a committed row that the run's holder takes up at its next decision, where it is held once more against what has started by then.
 */
export class RunPatcher {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'findRun' | 'patch' | 'listRevisions'>;
      workflows: Pick<WorkflowStore, 'findByDigest' | 'keepDefinition'>;
      inspector: RunInspector;
      publisher: Pick<WorkflowPublisher, 'validate'>;
      clock: Clock;
    },
    private readonly options: RunPatcherOptions,
  ) {}

  /** What a patch would make, and everything that stands against it; writes nothing. @throws BatonError `run_not_found`, `run_ended`, `stale_revision`. */
  async preview(request: PatchRequest): Promise<PatchPreview> {
    return this.prepare(request, await this.requireLive(request));
  }

  /**
   * Makes the next revision of a run. The same request twice makes one, unless it leaves the revision open: then it means the one of its time.
   * @throws BatonError `run_not_found`, `run_ended`, `stale_revision`, `patch_invalid`, `limit_exceeded`, `patch_refused`.
   */
  async patch(request: PatchRequest): Promise<Revision> {
    const { runId, revision, patch, reason, by } = request;
    const token = patchToken(['patch', runId, revision ?? randomUUID(), patch, reason, by]);
    return (await this.findMade(request, token)) ?? this.make(request, token);
  }

  /**
   * Makes a revision with the definition from before the last one, while nothing of that has started.
   * @throws BatonError `run_not_found`, `run_ended`, `stale_revision`, `patch_refused`.
   */
  async undo(request: Omit<PatchRequest, 'patch' | 'revision'> & { revision: number }): Promise<Revision> {
    const { runId, revision, reason, by } = request;
    const token = patchToken(['undo', runId, revision, reason, by]);
    const made = await this.findMade(request, token);
    if (made !== null) return made;
    const run = await this.requireLive(request);
    const [last] = await this.parts.runs.listRevisions({ runId, limit: 1 });
    if (last === undefined || last.status === 'refused') {
      throw new BatonError('patch_refused', `The run \`${runId}\` has no patch to undo.`, { run_id: runId, revision });
    }
    const before = await this.definitionOf(last.digest);
    const after = await this.definitionOf(last.previousDigest);
    const diff = diffDefinitions(before, after);
    const { state } = await this.parts.inspector.inspect(run);
    const problems = startedProblems(state, diff, { before, after });
    if (problems.length > 0) throw patchError(runId, problems);
    const operations = definitionPatch(before, after);
    return this.commit(
      run,
      { base: revision, previousDigest: last.digest, definition: after, diff, operations },
      { reason, by, token },
    );
  }

  /** Makes a patch for a node of the run. What is wrong with it is its answer. @throws BatonError `storage_unavailable`. */
  async patchFromNode({ nodeId, key, state, ...asked }: NodePatchRequest): Promise<PatchResult> {
    const token = patchToken(['node', key]);
    const request = { ...asked, revision: null, by: `node:${nodeId}` };
    try {
      const { revision, diff } = (await this.findMade(request, token)) ?? (await this.make(request, token, state));
      return { accepted: true, revision, ...diff.nodes };
    } catch (error) {
      const answer = agentReadable(error);
      if (answer === null) throw error;
      return answer;
    }
  }

  /** The definition that the run has, or that of one of its revisions. @throws BatonError `run_not_found`, `not_found`. */
  async readDefinition(tenantId: string, runId: string, revision?: number): Promise<CurrentDefinition> {
    const run = await this.require({ tenantId, runId });
    const digest = revision === undefined ? await this.currentDigest(run) : await this.digestOf(run, revision);
    return { revision: revision ?? run.revision, digest, definition: await this.definitionOf(digest) };
  }

  /** The patches of a run, newest first. @throws BatonError `run_not_found`. */
  async listRevisions(tenantId: string, runId: string, page: { before?: number; limit: number }): Promise<Revision[]> {
    await this.require({ tenantId, runId });
    return this.parts.runs.listRevisions({ runId, ...page });
  }

  private async make(request: PatchRequest, token: string, state?: RunState): Promise<Revision> {
    for (let tries = 1; ; tries += 1) {
      const run = await this.requireLive(request);
      const { definition, diff, problems, ...preview } = await this.prepare(request, run, state);
      if (definition === null || diff === null || problems.length > 0) throw patchError(run.id, problems);
      try {
        return await this.commit(run, { ...preview, definition, diff }, { reason: request.reason, by: request.by, token });
      } catch (error) {
        const isStale = error instanceof BatonError && error.code === 'stale_revision';
        if (!isStale || request.revision !== null || tries === STALE_TRIES) throw error;
      }
    }
  }

  private async prepare(request: PatchRequest, run: Run, known?: RunState): Promise<PatchPreview> {
    const { bounds, policy } = this.options;
    const previousDigest = await this.currentDigest(run);
    const before = await this.definitionOf(previousDigest);
    const { operations, problems: unread } = readPatch(request.patch, bounds);
    const preview = { base: run.revision, previousDigest, definition: null, diff: null, operations, warnings: [] };
    if (unread.length > 0) return { ...preview, problems: unread };
    const { document, problems: unapplied } = applyOperations(before, operations, bounds);
    if (unapplied.length > 0) return { ...preview, problems: unapplied };
    const { definition, problems: invalid, warnings } = await this.validate(request.tenantId, document);
    if (definition === null) return { ...preview, problems: invalid };
    const diff = diffDefinitions(before, definition);
    const state = known ?? (await this.parts.inspector.inspect(run)).state;
    const original = await this.definitionOf(run.workflow.digest);
    const problems = [
      ...invalid,
      ...(isSameDefinition(diff) ? [NO_CHANGE] : []),
      ...policyProblems({ original, after: definition, diff, budget: ownLimits(state) }, policy),
      ...startedProblems(state, diff, { before, after: definition }),
    ];
    return { ...preview, definition, diff, problems, warnings };
  }

  /** As a definition that is published, but that it stays in the canonical form. */
  private async validate(tenantId: string, document: JsonValue) {
    const { definition, errors, warnings } = await this.parts.publisher.validate(tenantId, {
      format: 'json',
      json: { definition: document },
    });
    const inner = (problem: PatchProblem): PatchProblem => ({
      ...problem,
      pointer: problem.pointer.replace(/^\/definition/, ''),
    });
    const foreign = Object.hasOwn(document as object, 'tasks') ? [NO_TASKS] : [];
    const problems = [...foreign, ...errors.map(inner)];
    return { definition: foreign.length > 0 ? null : definition, problems, warnings: warnings.map(inner) };
  }

  private async commit(
    run: Run,
    made: Pick<RevisionDraft, 'base' | 'previousDigest' | 'diff'> & {
      definition: WorkflowDefinition;
      operations: readonly PatchOperation[];
    },
    asked: Pick<RevisionDraft, 'reason' | 'by' | 'token'>,
  ): Promise<Revision> {
    const { runs, workflows, clock } = this.parts;
    const { definition, operations: patch, ...draft } = made;
    if (draft.base >= this.options.maxRevisions) throw tooMany(run.id, this.options.maxRevisions);
    const at = clock.now();
    const digest = await workflows.keepDefinition(run.tenantId, definition, at);
    const outcome = await runs.patch({ runId: run.id, digest, patch, at, ...draft, ...asked });
    switch (outcome.kind) {
      case 'patched':
        return outcome.revision;
      case 'stale':
        throw stale(run.id, outcome.revision);
      case 'ended':
        throw ended(run.id);
      case 'missing':
        throw missing(run.id);
    }
  }

  /** What this very request has made before: its reply was lost, or its sender died. */
  private async findMade(of: Pick<PatchRequest, 'tenantId' | 'runId'>, token: string): Promise<Revision | null> {
    const [made] = await this.parts.runs.listRevisions({ runId: of.runId, token, limit: 1 });
    return made !== undefined && made.tenantId === of.tenantId ? made : null;
  }

  private async currentDigest({ id, revision, workflow }: Run): Promise<string> {
    if (revision === 0) return workflow.digest;
    const [standing] = await this.parts.runs.listRevisions({ runId: id, standing: true, limit: 1 });
    return standing?.digest ?? workflow.digest;
  }

  private async digestOf({ id, workflow }: Run, revision: number): Promise<string> {
    if (revision === 0) return workflow.digest;
    const [made] = await this.parts.runs.listRevisions({ runId: id, before: revision + 1, limit: 1 });
    if (made?.revision === revision) return made.digest;
    throw new BatonError('not_found', `The run \`${id}\` has no revision ${revision}.`, { run_id: id, revision });
  }

  private async definitionOf(digest: string): Promise<WorkflowDefinition> {
    const definition = await this.parts.workflows.findByDigest(digest);
    if (definition !== null) return definition;
    throw new BatonError('workflow_not_found', `No definition has the digest ${digest}.`, { digest });
  }

  private async requireLive({ tenantId, runId, revision }: Omit<PatchRequest, 'patch' | 'reason' | 'by'>): Promise<Run> {
    const run = await this.require({ tenantId, runId });
    if (isTerminal(run.status)) throw ended(runId);
    if (revision !== null && revision !== run.revision) throw stale(runId, run.revision);
    return run;
  }

  private async require({ tenantId, runId }: Pick<PatchRequest, 'tenantId' | 'runId'>): Promise<Run> {
    const run = await this.parts.runs.findRun(runId);
    if (run !== null && run.tenantId === tenantId) return run;
    throw missing(runId);
  }
}

const NO_CHANGE: PatchProblem = {
  pointer: '/patch',
  code: 'no_change',
  message: 'the patch changes nothing',
  remedy: 'Send operations that change the definition.',
};

const NO_TASKS: PatchProblem = {
  pointer: '/tasks',
  code: 'schema',
  message: 'this field is not known',
  remedy: 'Add nodes: a run has its definition in canonical form.',
};

function stale(runId: string, revision: number): BatonError {
  return new BatonError('stale_revision', `The run \`${runId}\` has revision ${revision} by now.`, { run_id: runId, revision });
}

function tooMany(runId: string, maxRevisions: number): BatonError {
  const message = `The run \`${runId}\` was patched ${maxRevisions} times; PATCH_MAX_REVISIONS allows no more.`;
  return new BatonError('limit_exceeded', message, { run_id: runId }, { remedy: 'Make larger patches, or fork the run.' });
}

function ended(runId: string): BatonError {
  return new BatonError('run_ended', `The run \`${runId}\` has ended.`, { run_id: runId });
}

function missing(runId: string): BatonError {
  return new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
}
