import { describe, expect, it } from '@jest/globals';
import { renderConfigTable, renderEnvExample } from './config-table.js';
import { variableInfo } from './config-kinds.js';
import { ConfigSchema } from './config-variables.js';

describe('configuration table', () => {
  const names = Object.values(ConfigSchema.shape).map((schema) => variableInfo.get(schema)!.name);

  it('names every variable once', () => {
    const rows = renderConfigTable()
      .match(/^\| `(\w+)`/gm)!
      .map((row) => row.slice(3, -1));
    expect(rows).toEqual(names);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('shows default, bounds and meaning', () => {
    expect(renderConfigTable()).toContain(
      '| `PORT` | `8001` | a whole number from 0 to 65535 | Port of the HTTP server; 0 takes a free one. |',
    );
  });

  it('says which variables may come from a file', () => {
    expect(renderConfigTable()).toMatch(/^\| `API_TOKEN_ADMIN` .*`API_TOKEN_ADMIN_FILE` names\. \|$/m);
    expect(renderConfigTable()).not.toContain('PORT_FILE');
  });

  it('gives an example that changes nothing', () => {
    const lines = renderEnvExample()
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.every((line) => line.startsWith('#'))).toBe(true);
    expect(lines).toContain('#PORT=8001');
    expect(lines).toContain("#REDIS_PREFIX='{baton}'");
  });
});
