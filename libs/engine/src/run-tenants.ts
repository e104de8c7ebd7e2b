import type { RunStore } from '@baton/core';

const REMEMBERED = 10_000;

/** Whose runs are: read once, since it never changes. */
export class RunTenants {
  private readonly known = new Map<string, string>();

  constructor(private readonly runs: Pick<RunStore, 'findRuns'>) {}

  /** The tenants of those runs that exist. */
  async find(runIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const unknown = runIds.filter((id) => !this.known.has(id));
    if (unknown.length > 0) {
      for (const { id, tenantId } of await this.runs.findRuns(unknown)) this.known.set(id, tenantId);
    }
    const found = new Map(runIds.flatMap((id) => (this.known.has(id) ? [[id, this.known.get(id)!] as const] : [])));
    for (const id of this.known.keys()) {
      if (this.known.size <= REMEMBERED) break;
      this.known.delete(id);
    }
    return found;
  }
}
