import { describeScope } from './run-limit.js';
import type { PlaceInLine } from './run-places.js';
import type { RunState } from './run-state.js';
import type { Why } from './why.js';
import type { Worker } from './worker-lease.js';

/** Of a run that waits for a place under a limit. Null: nobody can say where it stands, so it is about to be admitted. */
export function explainLine(place: PlaceInLine | null, since: number): Why {
  if (place === null) return { code: 'dispatching', sentence: 'The run has got its place, and goes to a worker.', since };
  const { limit, taken, ahead } = place;
  const live = `${taken} of ${limit.capacity} live ${limit.capacity === 1 ? 'run' : 'runs'} of ${describeScope(limit)}`;
  const before = ahead === 0 ? 'it is the next' : `${ahead} ${ahead === 1 ? 'run stands' : 'runs stand'} before it`;
  const sentence = `The run waits for a place since ${new Date(place.since).toISOString()}: there are ${live}, and ${before}.`;
  return { code: 'at_limit', sentence, since: place.since, limit: limit.scope, others: ahead };
}

/** Of a run that has nothing in work though a node of it is ready: the worker that holds it had no place for a node. Null: it had one. */
export function explainPlaces({ plan, ready }: RunState, holder: Worker | undefined, since: number): Why | null {
  const [first] = ready;
  if (first === undefined || holder === undefined || holder.capacity === null) return null;
  const { id: workerId, capacity, load } = holder;
  if (load.nodes < capacity.nodes) return null;
  const { id: nodeId } = plan.nodes[first]!;
  const places = `${load.nodes} of ${capacity.nodes} ${capacity.nodes === 1 ? 'node' : 'nodes'}`;
  const sentence = `The node ${nodeId} waits for its turn: the worker ${workerId} had ${places} in work when it was last heard.`;
  return { code: 'at_limit', sentence, since, nodeId, workerId };
}
