import type { JsonValue } from '@baton/core';
import type { GraphDraft } from './graph-draft.js';
import {
  PATIENT,
  QUICK,
  ONCE,
  atLeast,
  isAtLeast,
  work,
  body,
  POOL,
  addPooled,
  childInput,
  addChildMap,
  addFatal,
  addCondition,
  addSwitch,
  addEvent,
  addApproval,
} from './node-sketches.js';

/** A way to add something to a graph. Its name is what the counters count, once a node of it has started (or is skipped, where it never starts). */
export interface NodeKind {
  name: string;
  /** How often it is drawn, beside the others. */
  weight: number;
  /** It may fail the run, or say nothing new there. */
  notInChildren?: true;
  add(draft: GraphDraft): void;
}

/** Every kind of node. Whoever adds a node type adds a line. */
export const NODE_KINDS: readonly NodeKind[] = [
  { name: 'work', weight: 8, add: (draft) => void draft.givesNumber(draft.add('work', work(draft))) },
  {
    name: 'work in steps',
    weight: 4,
    add: (draft) => void draft.givesNumber(draft.add('work in steps', work(draft, { steps: 1 + draft.chance.below(3) }))),
  },
  {
    name: 'work that waits',
    weight: 2,
    add: (draft) => {
      const config = { steps: 2, nap_ms: draft.chance.pick([300, 1_500, 4_000]) };
      draft.givesNumber(draft.add('work that waits', work(draft, config)));
    },
  },
  {
    name: 'effect',
    weight: 6,
    add: (draft) => void draft.givesNumber(draft.add('effect', work(draft, { effect: true }, { retry: PATIENT }))),
  },
  {
    name: 'flaky',
    weight: 3,
    add: (draft) =>
      void draft.givesNumber(draft.add('flaky', work(draft, { fails: 1 + draft.chance.below(2) }, { retry: QUICK }))),
  },
  {
    name: 'too slow',
    weight: 2,
    add: (draft) =>
      void draft.givesNumber(draft.add('too slow', work(draft, { hangs: 1, effect: true }, { timeout: 2, retry: PATIENT }))),
  },
  {
    name: 'fails, and the run goes on',
    weight: 2,
    add: (draft) =>
      void draft.add(
        'fails, and the run goes on',
        work(draft, { broken: true }, { retry: draft.chance.pick([ONCE, QUICK]), on_error: 'continue' }),
      ),
  },
  { name: 'fails', weight: 1, notInChildren: true, add: (draft) => addFatal(draft, 'fails', 'fail') },
  {
    name: 'fails, and the run is undone',
    weight: 2,
    notInChildren: true,
    add: (draft) => addFatal(draft, 'fails, and the run is undone', 'compensate'),
  },
  {
    name: 'transform',
    weight: 3,
    add: (draft) => {
      const from = draft.aNumberedNode();
      const config = draft.chance.happens(0.5)
        ? { value: { was: `\${{ nodes.${from}.output }}`, of: '${{ input.list }}' } }
        : { expression: `nodes.${from}.output == null ? {"n": 0.0} : {"n": nodes.${from}.output.n + 1}` };
      const id = draft.add('transform', { type: 'transform', config }, { after: [from] });
      if ('expression' in config) draft.givesNumber(id);
    },
  },
  { name: 'condition', weight: 4, add: addCondition },
  { name: 'switch', weight: 3, add: addSwitch },
  {
    name: 'when',
    weight: 3,
    add: (draft) => {
      const by = draft.aNumberedNode();
      const least = draft.chance.below(10);
      const node = draft.add('when', work(draft, { effect: true }, { when: atLeast(by, least), retry: PATIENT }), {
        after: [by],
      });
      draft.branches.push({ node, by, taken: isAtLeast(least) });
      draft.add('work', work(draft), { after: [node] });
    },
  },
  {
    name: 'map',
    weight: 4,
    add: (draft) => {
      const config = { items: 'input.list', concurrency: 1 + draft.chance.below(3), body: body(draft) };
      draft.add('map', { type: 'map', config, retry: PATIENT });
    },
  },
  {
    name: 'map that joins early',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      const join = draft.chance.pick<JsonValue>(['first', { at_least: 2 }]);
      draft.add('map that joins early', {
        type: 'map',
        config: { items: 'input.list', join, body: body(draft) },
        retry: PATIENT,
      });
    },
  },
  {
    name: 'loop',
    weight: 3,
    add: (draft) => {
      const times = 1 + draft.chance.below(4);
      const config = { body: body(draft), until: `visit >= ${times}`, max_visits: 10 };
      draft.add('loop', { type: 'loop', config, retry: PATIENT });
    },
  },
  {
    name: 'loop that waits',
    weight: 1,
    add: (draft) => {
      const config = { body: { type: 'wait', config: { seconds: 1 } }, until: 'visit >= 2', max_visits: 2 };
      draft.add('loop that waits', { type: 'loop', config });
    },
  },
  {
    name: 'wait',
    weight: 3,
    add: (draft) => void draft.add('wait', { type: 'wait', config: { seconds: draft.chance.pick([0, 0.5, 3, 8]) } }),
  },
  { name: 'wait for an event', weight: 3, add: (draft) => addEvent(draft, 'wait for an event') },
  {
    name: 'wait for an event, not for ever',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addEvent(draft, 'wait for an event, not for ever', { seconds: 1 + draft.chance.below(6) });
    },
  },
  { name: 'approval', weight: 3, add: (draft) => addApproval(draft, 'approval') },
  {
    name: 'approval with a deadline',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addApproval(draft, 'approval with a deadline', { deadline: 1 + draft.chance.below(6) });
    },
  },
  {
    name: 'aggregate',
    weight: 3,
    add: (draft) =>
      void draft.add('aggregate', { type: 'aggregate', config: { mode: draft.chance.pick(['list', 'object', 'concat']) } }),
  },
  {
    name: 'echo',
    weight: 2,
    add: (draft) => void draft.add('echo', { type: 'echo', config: { said: draft.chance.below(100) } }),
  },
  {
    name: 'of a type that nobody has',
    weight: 1,
    add: (draft) => void draft.add('of a type that nobody has', { type: 'unheard-of' }),
  },
  {
    name: 'of a type that one worker has',
    weight: 1,
    add: (draft) => {
      // Skipped where that worker is gone.
      draft.racy = true;
      draft.add('of a type that one worker has', { type: 'special' });
    },
  },
  { name: 'in a pool', weight: 6, add: addPooled },
  {
    name: 'map in a pool',
    weight: 1,
    add: (draft) =>
      void draft.add('map in a pool', {
        ...{ type: 'map', config: { items: 'input.list', body: body(draft) } },
        ...{ pool: POOL, retry: PATIENT },
      }),
  },
  {
    name: 'in a pool that nobody serves',
    weight: 1,
    notInChildren: true,
    add: (draft) =>
      void draft.add('in a pool that nobody serves', { pool: 'nowhere', timeout: 1, retry: ONCE, on_error: 'continue' }),
  },
  {
    name: 'child run',
    weight: 3,
    add: (draft) => {
      const pooled = draft.chance.happens(0.2) ? { pool: POOL } : {};
      const config = { workflow: draft.childWorkflow(), input: childInput(draft) };
      draft.add('child run', { type: 'workflow', config, retry: PATIENT, ...pooled });
    },
  },
  {
    name: 'child run that fails',
    weight: 2,
    add: (draft) => {
      const config = { workflow: draft.childWorkflow('doomed'), input: childInput(draft) };
      const retry = draft.chance.pick([ONCE, { ...QUICK, max_attempts: 2 }]);
      draft.add('child run that fails', { type: 'workflow', config, retry, on_error: 'continue' });
    },
  },
  {
    name: 'work with a child run',
    weight: 2,
    add: (draft) => {
      const config = { ms: 400, steps: 1, child: draft.childWorkflow(), effect: true };
      draft.givesNumber(draft.add('work with a child run', work(draft, config, { retry: PATIENT })));
    },
  },
  { name: 'map over child runs', weight: 2, add: (draft) => addChildMap(draft, 'map over child runs') },
  {
    name: 'map over child runs that joins early',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addChildMap(draft, 'map over child runs that joins early', {
        join: draft.chance.pick<JsonValue>(['first', { at_least: 2 }]),
      });
    },
  },
  {
    name: 'map over child runs that fail',
    weight: 1,
    add: (draft) => {
      const failing = { type: 'workflow', config: { workflow: draft.childWorkflow('doomed') } };
      const config = { items: 'input.list', concurrency: 2, body: failing, on_item_error: 'continue' };
      draft.add('map over child runs that fail', { type: 'map', config });
    },
  },
  {
    name: 'goes on in a new run',
    weight: 2,
    add: (draft) => {
      const input = { list: '${{ input.list }}', left: '${{ input.left - 1 }}' };
      draft.add('goes on in a new run', { type: 'continue_as_new', when: 'input.left > 0', config: { input } });
    },
  },
  {
    name: 'changes its run',
    weight: 2,
    add: (draft) => {
      const pooled = draft.chance.happens(0.2) ? { pool: POOL } : {};
      draft.add('changes its run', { config: { ms: 20, adds: true, steps: draft.chance.below(2) }, retry: PATIENT, ...pooled });
    },
  },
  {
    name: 'call of a target',
    weight: 2,
    add: (draft) => {
      draft.settings.circuit_breaker = { failure_threshold: 2, timeout: 1 };
      const config = { ms: 20, fails: draft.chance.below(4), effect: true };
      draft.add('call of a target', { type: 'call', config, retry: PATIENT });
    },
  },
];
