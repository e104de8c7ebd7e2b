import { inputRefusal, inputSchemaOf, type JsonSchema, type JsonValue, type WorkflowStore } from '@baton/core';

/** Schemas kept; those of definitions that have none cost next to nothing. */
const CAPACITY = 1_000;

/** Holds inputs to what definitions say of them. A definition is read once, by its digest, which never changes its meaning. */
export class InputSchemas {
  private readonly schemas = new Map<string, JsonSchema | null>();

  constructor(private readonly workflows: Pick<WorkflowStore, 'findByDigest'>) {}

  /** @throws BatonError `invalid_request` for an input that does not fit `input_schema`. */
  async check(workflow: { name: string; digest: string }, input: JsonValue): Promise<void> {
    const { name, digest } = workflow;
    const known = this.schemas.get(digest);
    const schema = known === undefined ? await this.read(digest) : known;
    const refusal = schema === null ? null : inputRefusal(name, schema, input);
    if (refusal !== null) throw refusal;
  }

  private async read(digest: string): Promise<JsonSchema | null> {
    const definition = await this.workflows.findByDigest(digest);
    // Not remembered: it may come back, and then says what its inputs must be.
    if (definition === null) return null;
    const schema = inputSchemaOf(definition);
    if (this.schemas.size >= CAPACITY) this.schemas.delete(this.schemas.keys().next().value!);
    this.schemas.set(digest, schema);
    return schema;
  }
}
