import {
  BatonError,
  TemplatePattern,
  type Clock,
  type JsonObject,
  type KeptPattern,
  type Pattern,
  type PatternSpec,
  type PatternStore,
  type Problem,
} from '@baton/core';

/** A pattern that is offered, and since when where it is kept as data. */
export interface OfferedPattern {
  pattern: Pattern;
  kept: KeptPattern | null;
}

/** Patterns of one tenant that are kept at most: all are listed at once. */
const MAX_KEPT = 500;
/** Bytes of one that is kept, as JSON. */
const MAX_BYTES = 262_144;

/** The patterns that workflows can be made of: those of Baton, classes of one's own, and those that a tenant keeps as data. */
export class PatternCatalog {
  private readonly shipped = new Map<string, Pattern>();

  /** @throws BatonError as `register`. */
  constructor(
    private readonly parts: { patterns: PatternStore; clock: Clock },
    shipped: Iterable<Pattern>,
  ) {
    for (const pattern of shipped) this.register(pattern);
  }

  /** Offers a class of one's own to every tenant. @throws BatonError `config_invalid` for a name that another has. */
  register(pattern: Pattern): void {
    const { name } = pattern;
    if (this.shipped.has(name))
      throw new BatonError('config_invalid', `Two patterns have the name \`${name}\`.`, { pattern: name });
    this.shipped.set(name, pattern);
  }

  /** Those of Baton first, then the tenant's own by name. */
  async list(tenantId: string): Promise<OfferedPattern[]> {
    const kept = await this.parts.patterns.list(tenantId, { limit: MAX_KEPT });
    return [...[...this.shipped.values()].map((pattern) => ({ pattern, kept: null })), ...kept.map((one) => offered(one))];
  }

  /** Null: there is none of that name. */
  async find(tenantId: string, name: string): Promise<OfferedPattern | null> {
    const shipped = this.shipped.get(name);
    if (shipped !== undefined) return { pattern: shipped, kept: null };
    const kept = await this.parts.patterns.find(tenantId, name);
    return kept === null ? null : offered(kept);
  }

  /**
   * Keeps a pattern whose example expands.
   * @throws BatonError `pattern_invalid` with all problems, also for more patterns than a tenant may keep; `pattern_exists`.
   */
  async create(tenantId: string, spec: PatternSpec): Promise<KeptPattern> {
    checkSpec(spec);
    if (this.shipped.has(spec.name)) throw taken(spec.name);
    const at = this.parts.clock.now();
    const others = await this.parts.patterns.list(tenantId, { limit: MAX_KEPT });
    if (others.length >= MAX_KEPT && others.every(({ name }) => name !== spec.name)) {
      throw new BatonError(
        'pattern_invalid',
        `A tenant keeps at most ${MAX_KEPT} patterns.`,
        {},
        { remedy: 'Remove one that nobody uses.' },
      );
    }
    const kept = { ...spec, tenantId, createdAt: at, updatedAt: at };
    if (!(await this.parts.patterns.create(kept))) throw taken(spec.name);
    return kept;
  }

  /** Workflows that were made of it stay as they are. @throws BatonError `pattern_not_found`, `pattern_invalid`. */
  async replace(tenantId: string, spec: PatternSpec): Promise<KeptPattern> {
    checkSpec(spec);
    const kept = await this.parts.patterns.replace(tenantId, spec, this.parts.clock.now());
    if (kept === null) throw missing(spec.name);
    return kept;
  }

  /** @throws BatonError `pattern_not_found`, also for one that is not kept as data. */
  async remove(tenantId: string, name: string): Promise<void> {
    if (!(await this.parts.patterns.remove(tenantId, name))) throw missing(name);
  }

  /** The nodes that a pattern makes of its parameters. @throws BatonError `pattern_not_found`, `pattern_invalid`. */
  async expand(tenantId: string, name: string, parameters: JsonObject) {
    const found = await this.find(tenantId, name);
    if (found === null) throw missing(name);
    const outcome = found.pattern.expand(parameters);
    if ('expansion' in outcome) return outcome.expansion;
    const problems = outcome.problems.map((problem) => ({ ...problem, pointer: `/parameters${problem.pointer}` }));
    throw new BatonError(
      'pattern_invalid',
      `The parameters do not fit the pattern \`${name}\`.`,
      { pattern: name },
      { problems },
    );
  }
}

/** One that is kept has been checked before. */
function offered(kept: KeptPattern): OfferedPattern {
  return { pattern: new TemplatePattern(kept), kept };
}

function checkSpec(spec: PatternSpec): void {
  const bytes = Buffer.byteLength(JSON.stringify(spec));
  const problems =
    bytes > MAX_BYTES ? [{ pointer: '', message: `has ${bytes} bytes; at most ${MAX_BYTES} are kept` }] : problemsOf(spec);
  if (problems.length === 0) return;
  throw new BatonError('pattern_invalid', `The pattern \`${spec.name}\` is not valid.`, { pattern: spec.name }, { problems });
}

function problemsOf(spec: PatternSpec): readonly Problem[] {
  const read = TemplatePattern.read(spec);
  return 'problems' in read ? read.problems : [];
}

function taken(name: string): BatonError {
  return new BatonError('pattern_exists', `The name \`${name}\` belongs to another pattern.`, { pattern: name });
}

function missing(name: string): BatonError {
  return new BatonError('pattern_not_found', `There is no pattern \`${name}\` that is kept as data.`, { pattern: name });
}
