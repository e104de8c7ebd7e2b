import {
  CircuitStore,
  closedCircuit,
  type Circuit,
  type TargetCalls,
  type TargetHealth,
  type TargetKey,
  type TargetQuery,
} from '@baton/core';
import { PortCalls } from './port-calls.js';

/** The tables of {@link MemoryCircuitStore}, shared by all processes of a test. */
export class CircuitTables {
  readonly circuits = new Map<string, Circuit>();
  calls: TargetCalls[] = [];
}

const keyOf = ({ tenantId, target }: TargetKey): string => `${tenantId} ${target}`;

/** {@link CircuitStore} of one process over the shared tables. */
export class MemoryCircuitStore extends CircuitStore {
  constructor(
    private readonly tables: CircuitTables,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  listTroubled(limit: number): Promise<Circuit[]> {
    return this.calls.make('listTroubled', limit, () =>
      [...this.tables.circuits.values()]
        .filter(({ failures }) => failures > 0)
        .toSorted((left, right) => right.changedAt - left.changedAt)
        .slice(0, limit),
    );
  }

  find(key: TargetKey): Promise<Circuit | null> {
    return this.calls.make('find', key, () => this.tables.circuits.get(keyOf(key)) ?? null);
  }

  replace(circuit: Circuit): Promise<boolean> {
    return this.calls.make('replace', circuit, () => {
      const key = keyOf(circuit);
      if ((this.tables.circuits.get(key)?.revision ?? 0) !== circuit.revision) return false;
      this.tables.circuits.set(key, { ...circuit, revision: circuit.revision + 1 });
      return true;
    });
  }

  addCalls(calls: readonly TargetCalls[]): Promise<void> {
    return this.calls.make('addCalls', calls, () => void this.tables.calls.push(...calls));
  }

  list({ tenantId, since, targets, after = '', limit }: TargetQuery): Promise<TargetHealth[]> {
    return this.calls.make('list', tenantId, () => {
      const isMeant = (key: TargetKey): boolean =>
        key.tenantId === tenantId && key.target > after && (targets === undefined || targets.includes(key.target));
      const calls = this.tables.calls.filter((counted) => isMeant(counted) && counted.minuteAt >= since);
      const circuits = [...this.tables.circuits.values()].filter(isMeant);
      const names = new Set([...calls, ...circuits].map(({ target }) => target));
      return [...names]
        .toSorted()
        .slice(0, limit)
        .map((target) => {
          const counted = calls.filter((one) => one.target === target);
          const sum = (amount: (one: TargetCalls) => number): number => counted.reduce((total, one) => total + amount(one), 0);
          const made = sum((one) => one.calls);
          return {
            circuit: circuits.find((one) => one.target === target) ?? closedCircuit({ tenantId, target }),
            calls: made,
            failures: sum((one) => one.failures),
            averageMs: made === 0 ? null : sum((one) => one.totalMs) / made,
            maxMs: made === 0 ? null : Math.max(...counted.map(({ maxMs }) => maxMs)),
          };
        });
    });
  }

  forget(before: number): Promise<void> {
    return this.calls.make('forget', before, () => {
      this.tables.calls = this.tables.calls.filter(({ minuteAt }) => minuteAt >= before);
      for (const [key, { failures, changedAt }] of this.tables.circuits)
        if (failures === 0 && changedAt < before) this.tables.circuits.delete(key);
    });
  }
}
