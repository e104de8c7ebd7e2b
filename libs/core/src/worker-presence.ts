/** Which processes are connected, as one look saw it. */
export interface Attendance {
  /** Another one than in the look before: the observer was disconnected meanwhile, and what it saw before says nothing any more. */
  readonly session: string;
  /** Ids of the processes that are connected. */
  readonly present: ReadonlySet<string>;
  /** How many of them are workers, which share the looking. */
  readonly workers: number;
}

/** Sees which processes are connected to a service that all of them hold on to: who was killed is missed there long before the lease ends. */
export abstract class WorkerPresence {
  /** Null: it cannot be told now. Rejects where the service does not let anybody look. */
  abstract look(): Promise<Attendance | null>;
}

/** Who is not there any more. */
export interface Absence {
  readonly id: string;
  /** In how many looks in a row it was missed. */
  readonly looks: number;
}

/**
 * When a missing name is a death: only who was seen can be missed, and only by an observer that was connected throughout. An outage of the
 * service, or of the observer, therefore kills nobody: all begins anew with whom it sees next.
 */
export class Absences {
  private session: string | null = null;
  private readonly seen = new Set<string>();
  private missed = new Map<string, number>();

  /** Whether somebody is missing whose case is not settled. */
  get isInDoubt(): boolean {
    return this.missed.size > 0;
  }

  /** Takes in a look and says who is missing, until they are back or {@link settle}d. */
  judge(look: Attendance | null): Absence[] {
    if (look === null || look.session !== this.session) {
      this.seen.clear();
      this.missed.clear();
    }
    this.session = look?.session ?? null;
    if (look === null) return [];
    const missing = [...this.seen].filter((id) => !look.present.has(id));
    this.missed = new Map(missing.map((id) => [id, (this.missed.get(id) ?? 0) + 1]));
    for (const id of look.present) this.seen.add(id);
    return [...this.missed].map(([id, looks]) => ({ id, looks }));
  }

  /** Nothing more is to be done about this absence; who comes back is watched again. */
  settle(id: string): void {
    this.seen.delete(id);
    this.missed.delete(id);
  }
}
