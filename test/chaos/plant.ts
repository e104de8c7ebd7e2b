// Preloaded into a process of Baton, it plants the bug that PLANTED_BUG names into modules as they are loaded. The product knows nothing of it.
import { registerHooks } from 'node:module';

interface Replacement {
  file: string;
  from: string;
  to: string;
}

const APPEND_RULE = 'libs/storage/src/journal/append-rule.js';

/** By bug: what is replaced, and by what, in which module. */
const BUGS: Readonly<Record<string, readonly Replacement[]>> = {
  // The stale holder that reads max(seq) again and appends.
  'no-epoch-check': [
    { file: APPEND_RULE, from: 'if (head.epoch !== epoch)', to: 'if (false)' },
    { file: APPEND_RULE, from: 'if (head.workerId === null)', to: 'if (false)' },
    { file: APPEND_RULE, from: 'if (comparesContent(head, write))', to: 'if (false)' },
    { file: APPEND_RULE, from: 'if (baseSeq !== head.seq &&', to: 'if (false &&' },
    {
      file: 'libs/storage/src/journal/batch-plan.js',
      from: 'seq: baseSeq + index + 1',
      to: 'seq: decision.seq - write.events.length + index + 1',
    },
  ],
  'no-relay': [{ file: 'libs/engine/src/run-waker.js', from: 'this.loop.start();', to: '' }],
  'keys-not-stable': [
    { file: 'libs/engine/src/node-attempt.js', from: '${start.visit}${isUndo', to: '${start.visit}/${start.attempt}${isUndo' },
  ],
  // Now and then a look finds nobody there, and what the operating system says does not count.
  'living-taken-for-dead': [
    {
      file: 'libs/engine/src/worker-rescuer.js',
      from: 'this.absences.judge(look)',
      to: 'Math.random() < 0.05 ? (await this.parts.registry.list()).map(({ id }) => ({ id, looks: 9 })) : []',
    },
    { file: 'libs/engine/src/worker-rescuer.js', from: "if (fate === 'alive')", to: 'if (false)' },
  ],
};

const bug = process.env['PLANTED_BUG'] ?? '';
const replacements = BUGS[bug];
if (replacements === undefined) throw new Error(`There is no bug ${bug} to plant.`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const concerned = replacements.filter(({ file }) => url.endsWith(file));
    if (concerned.length === 0) return loaded;
    let source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
    for (const { file, from, to } of concerned) {
      if (!source.includes(from)) throw new Error(`${file} has changed: the bug ${bug} cannot be planted any more.`);
      source = source.replace(from, () => to);
    }
    return { ...loaded, source };
  },
});
