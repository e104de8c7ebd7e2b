import { WorkflowDefinitionSchema, type JsonValue, type WorkflowDefinition } from '@baton/core';

interface DemoExample {
  definition: WorkflowDefinition;
  input: JsonValue;
}

const workflow = WorkflowDefinitionSchema.parse.bind(WorkflowDefinitionSchema);

/** What there is to look into beside the first run: a run that fails, and one that waits for another system. */
export const DEMO_EXAMPLES: readonly DemoExample[] = [
  {
    definition: workflow({
      name: 'invoice-total',
      description: 'Adds the tax to an invoice. Its first run fails: its input says `nett`. Fork it from `total` with `net`.',
      nodes: [
        { id: 'read', type: 'transform', config: { value: '${{ input.invoice }}' } },
        { id: 'total', type: 'transform', depends_on: ['read'], config: { expression: 'input.invoice.net * 1.2' } },
        {
          ...{ id: 'book', type: 'transform', depends_on: ['total'] },
          config: { value: { booked: '${{ nodes.total.output }}', for: '${{ input.invoice.customer }}' } },
        },
      ],
    }),
    input: { invoice: { customer: 'Ada', nett: 100 } },
  },
  {
    definition: workflow({
      name: 'ship-order',
      description: 'Reserves what was ordered, and ships it once the shop says that it is paid.',
      nodes: [
        { id: 'reserve', type: 'transform', config: { value: { order: '${{ input.order }}', reserved: true } } },
        { id: 'paid', type: 'wait', depends_on: ['reserve'], config: { event: 'order.paid' } },
        { id: 'ship', type: 'transform', depends_on: ['paid'], config: { value: { shipped: '${{ input.order }}' } } },
      ],
    }),
    input: { order: 'A-1042' },
  },
];
