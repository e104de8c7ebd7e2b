import { variableInfo, type VariableInfo } from './config-kinds.js';
import { CONFIG_GROUPS } from './config-variables.js';

/** The configuration as Markdown tables, one for each group. */
export function renderConfigTable(): string {
  const tables = mapGroups((title, variables) => {
    const rows = variables.map(renderRow);
    return [`**${title}**`, '', '| variable | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
  });
  return tables.join('\n\n');
}

/** The configuration as a file to copy to `.env`: every variable, commented out, with its default. */
export function renderEnvExample(): string {
  const header = '# Every variable that Baton knows, with its default. To load a copy of it: `set -a; . ./.env; set +a`.';
  const groups = mapGroups((title, variables) => [`## ${title}`, ...variables.map(renderExample)].join('\n\n'));
  return `${[header, ...groups].join('\n\n')}\n`;
}

function mapGroups(render: (title: string, variables: readonly VariableInfo[]) => string): string[] {
  return Object.entries(CONFIG_GROUPS).map(([title, group]) =>
    render(
      title,
      Object.values(group).map((schema) => variableInfo.get(schema)!),
    ),
  );
}

function renderRow(info: VariableInfo): string {
  const initial = info.default || info.unset;
  const cells = [`\`${info.name}\``, initial && `\`${initial}\``, info.allowed.replaceAll('<', '&lt;'), describe(info)];
  return `| ${cells.join(' | ')} |`;
}

function renderExample(info: VariableInfo): string {
  const unset = info.unset && ` Without it: ${info.unset}.`;
  // Braces and blanks would mean something to the shell.
  const value = /[^\w./:-]/.test(info.default) ? `'${info.default}'` : info.default;
  return `# ${describe(info)} Allowed: ${info.allowed}.${unset}\n#${info.name}=${value}`;
}

function describe(info: VariableInfo): string {
  return info.secret ? `${info.description} May be in the file that \`${info.name}_FILE\` names.` : info.description;
}
