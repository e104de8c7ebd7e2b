// Lets a child process of a test run TypeScript of this tree as it is: `node --import <this file> script.ts`.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ROOT = new URL('../../', import.meta.url);
const JSC = {
  target: 'es2023',
  parser: { syntax: 'typescript', decorators: true },
  transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
} as const;

registerHooks({
  resolve(specifier, context, next) {
    const lib = /^@baton\/(\w+)$/.exec(specifier)?.[1];
    if (lib !== undefined) return next(new URL(`libs/${lib}/src/index.ts`, ROOT).href, context);
    const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, swcrc: false, jsc: JSC, module: { type: 'es6' } });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
