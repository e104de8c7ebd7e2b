import { LOG_LEVELS, RunLogStore, type KeptLine, type LogLine, type LogQuery, type LogSize } from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link RunLogStore} of one process over the shared tables. */
export class MemoryRunLogStore extends RunLogStore {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  append(lines: readonly LogLine[]): Promise<void> {
    return this.calls.make('append', lines, () => {
      for (const line of lines) this.db.logLines.push({ ...line, n: this.db.nextId() });
    });
  }

  sizes(runIds: readonly string[]): Promise<Map<string, LogSize>> {
    return this.calls.make('sizes', runIds, () => {
      const sizes = new Map<string, LogSize>();
      for (const { runId, bytes } of this.db.logLines) {
        if (!runIds.includes(runId)) continue;
        const before = sizes.get(runId) ?? { lines: 0, bytes: 0 };
        sizes.set(runId, { lines: before.lines + 1, bytes: before.bytes + bytes });
      }
      return sizes;
    });
  }

  read(query: LogQuery): Promise<KeptLine[]> {
    const { tenantId, runId, nodeId, level = 'debug', after, limit } = query;
    return this.calls.make('read', query, () =>
      this.db.logLines
        .filter((line) => line.tenantId === tenantId && line.runId === runId && line.n > after)
        .filter((line) => nodeId === undefined || line.nodeId === nodeId)
        .filter((line) => LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(level))
        .slice(0, limit),
    );
  }
}
