import { WorkflowDefinitionSchema } from '@baton/core';
import { openDatabase, SqlWorkflowStore } from '@baton/storage';

/** Publishes a chain `n1 -> n2 -> …` of nodes that take a while and return their number, straight into the database. */
export async function publishChain(
  databaseUrl: string,
  name: string,
  options: { nodes: number; delayMs: number },
): Promise<void> {
  const definition = WorkflowDefinitionSchema.parse({
    name,
    nodes: Array.from({ length: options.nodes }, (_, index) => ({
      id: `n${index + 1}`,
      type: 'echo',
      depends_on: index === 0 ? [] : [`n${index}`],
      config: { i: index + 1, delay_ms: options.delayMs },
    })),
  });
  const database = await openDatabase({ url: databaseUrl });
  try {
    await new SqlWorkflowStore(database).publish('default', definition, Date.now());
  } finally {
    await database.close();
  }
}
