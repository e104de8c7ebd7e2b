import { FAULT_KINDS } from './fault-kinds.js';
import { HAPPENINGS } from './happenings.js';
import { NODE_KINDS } from './node-kinds.js';
import { ACTIONS } from './people.js';

/** Kinds of nodes that no handler is ever called for. */
const NEVER_CALLED = new Set(['of a type that nobody has', 'in a pool that nobody serves']);

const WEATHER = [
  'crash before a call is done',
  'crash after a call is done',
  'stopped with an append on its lips',
  'call refused',
  'lost reply to a commit',
  'lost reply',
  'slow call',
  'slow reply',
  'late timer',
];

/** What must have happened at least once over many seeds, or they prove less than they seem to. */
const EXPECTED_OCCURRENCES: readonly string[] = [
  ...NODE_KINDS.filter(({ name }) => !NEVER_CALLED.has(name)).map(({ name }) => `node: ${name}`),
  ...['node: in a large graph', 'node: work, undone', 'node: effect, undone', 'node: added by a patch'],
  ...[...FAULT_KINDS.map(({ name }) => name), ...WEATHER].map((name) => `fault: ${name}`),
  ...ACTIONS.map(({ name }) => `done: ${name}`),
  ...[
    ...HAPPENINGS,
    'checkpoint compared with its journal',
    'run completed',
    'run failed',
    'run cancelled',
    'run compared with its reference',
    'handler called for a run that is lost already',
  ],
];

/** Those of them that have not. */
export function missingOccurrences(counts: Readonly<Record<string, number>>): string[] {
  return EXPECTED_OCCURRENCES.filter((name) => !((counts[name] ?? 0) > 0));
}
