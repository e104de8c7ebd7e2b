import { describe, expect, it } from '@jest/globals';
import { initialState, reduce, toWireEvent, type Plan } from '@baton/core';
import { RunFold } from '../../apps/console/src/pages/runs/view/run-fold.js';
import { randomJournal } from '../support/random-journal.js';

const JOURNALS = 150;

const planned = (plan: Plan) =>
  plan.nodes.map(({ id, type, dependsOn, onError }) => ({
    ...{ id, type, on_error: onError },
    depends_on: dependsOn.map((index) => plan.nodes[index]!.id),
  }));

describe('the view that the console has of a run', () => {
  it('says of every node what the engine says, after every event of any journal', () => {
    let patched = 0;
    for (let seed = 1; seed <= JOURNALS; seed += 1) {
      const { plan, plans, events } = randomJournal(seed);
      const state = initialState(plan, { id: 'r', taskId: null, tenantId: 'default', workflow: 'w', input: null });
      let fold = new RunFold(planned(plan));
      for (const [index, event] of events.entries()) {
        reduce(state, event, plans);
        if (event.type === 'run.patched') {
          // The page reads the definition again, and the journal from its beginning.
          patched += 1;
          fold = new RunFold(planned(state.plan));
          fold.take(events.slice(0, index + 1).map(toWireEvent));
        } else fold.take([toWireEvent(event)]);
        const { nodes, status } = fold.view();
        expect({ seed, index, status, nodes: nodes.map((node) => [node.id, node.status, node.visit]) }).toEqual({
          ...{ seed, index, status: state.status },
          nodes: state.nodes.map((node, place) => [state.plan.nodes[place]!.id, node.status, node.visit]),
        });
      }
    }
    expect(patched).toBeGreaterThan(0);
  });
});
