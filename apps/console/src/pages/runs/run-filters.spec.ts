import { describe, expect, it } from '@jest/globals';
import { readFilters, toQuery } from './run-filters.js';

const NOW = Date.parse('2026-01-02T00:00:00.000Z');

describe('the filters of runs', () => {
  it('are what the address says, as far as it makes sense', () => {
    expect(readFilters({ status: 'failed', workflow: 'answer', id: ' 019ABCDEF ', range: '1h' })).toEqual({
      ...{ status: 'failed', workflow: 'answer', id: '019abcdef', range: '1h' },
    });
    expect(readFilters({ status: 'odd', id: '019', range: 'ever', from: 'yesterday' })).toEqual({});
  });

  it('become the question to the API', () => {
    expect(toQuery({ status: 'failed', id: '019abcdef', range: '1h' }, NOW)).toEqual({
      ...{ status: 'failed', id_prefix: '019abcdef', created_after: '2026-01-01T23:00:00.000Z' },
    });
    expect(toQuery({ from: '2026-01-01T00:00Z', to: '2026-01-01T12:00Z', task: 't', parent: 'p' }, NOW)).toEqual({
      ...{ task_id: 't', parent_id: 'p' },
      ...{ created_after: '2026-01-01T00:00:00.000Z', created_before: '2026-01-01T12:00:00.000Z' },
    });
  });
});
