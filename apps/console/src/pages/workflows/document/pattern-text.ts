import { stringify } from 'yaml';
import type { JsonObject } from './json.js';

/** A definition of a pattern with the parameters of its example. */
export function patternText({ name, description, example }: { name: string; description: string; example: JsonObject }): string {
  const head = `# ${description.replaceAll('\n', '\n# ')}\n`;
  return head + stringify({ name: `my-${name}`, orchestration_pattern: name, parameters: example }, { lineWidth: 0 });
}
