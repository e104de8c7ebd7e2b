import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Metrics } from './metrics.js';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
interface Board {
  uid: string;
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}

const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules: some }) => some);
const boards = readdirSync(join(DEPLOY, 'grafana')).map((file) => JSON.parse(read(join('grafana', file))) as Board);
const expressions = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...boards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [`${uid}: ${title}`, expr])),
  ),
];

/** The figures that there are, by the names under which Prometheus keeps them. */
async function figures(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const [, name, type] of (await new Metrics().render()).matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) names.add(name + suffix);
  }
  return names;
}

describe('alerts and dashboards', () => {
  it.each(expressions)('%s asks for figures that there are', async (_where, expr) => {
    const known = await figures();
    const asked = expr.match(/\b(?:baton|process|nodejs)_\w+/g) ?? [];
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    expect(asked.length > 0 || expr.startsWith('up{')).toBe(true);
    expect(expr.split('(').length).toBe(expr.split(')').length);
  });

  it('has one alert of each name, which says how bad it is and what', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(labels.severity).toMatch(/^(warning|critical)$/);
      expect(annotations.summary).not.toBe('');
    }
  });

  it('is loaded by the Prometheus of Compose', () => {
    const { rule_files: files } = parse(read('prometheus.yml')) as { rule_files: string[] };
    const compose = readFileSync(join(DEPLOY, '../docker-compose.yml'), 'utf8');
    for (const file of files) expect(compose).toContain(`./deploy/alerts.yml:${file}:ro`);
    expect(files).toHaveLength(1);
  });
});
