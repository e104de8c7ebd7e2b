import type { DiscoveryService } from '@nestjs/core';
import { BatonError } from '@baton/core';

/**
 * Every provider of the process that is of a class, in whichever module it stands, each once.
 * @throws BatonError `config_invalid` for one that is made anew for each use.
 */
export function sharedProviders<T extends object>(
  discovery: DiscoveryService,
  kind: abstract new (...args: never[]) => T,
): ReadonlySet<T> {
  const found = new Set<T>();
  for (const wrapper of discovery.getProviders()) {
    const instance: unknown = wrapper.instance;
    if (!(instance instanceof kind)) continue;
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) throw notShared(instance);
    found.add(instance);
  }
  return found;
}

function notShared({ constructor }: object): BatonError {
  return new BatonError(
    'config_invalid',
    `${constructor.name} is not a singleton`,
    { provider: constructor.name },
    { remedy: 'It is one instance for all runs: give it the default scope, and only dependencies that have it.' },
  );
}
