import type { Provider } from '@nestjs/common';
import { Clock, RunLogStore } from '@baton/core';
import { RunLogWriter, type EngineObserver } from '@baton/engine';
import { hiding, HttpSecrets } from '@baton/outbound';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Keeps what nodes log; the secrets that the process knows are hidden in it. */
export const runLogWriter: Provider = {
  provide: RunLogWriter,
  inject: [RunLogStore, HttpSecrets, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (store: RunLogStore, secrets: HttpSecrets, clock: Clock, observer: EngineObserver, config: Config) => {
    const known = keysOf(config);
    return new RunLogWriter(
      { store, clock, observer, readSecrets: async () => hiding([...known, ...(await secrets.readHidden())]) },
      {
        level: config.runLogLevel,
        flushMs: config.runLogFlushMs,
        attempt: { lines: config.runLogAttemptLines, bytes: config.runLogAttemptBytes },
        run: { lines: config.runLogRunLines, bytes: config.runLogRunBytes },
        waitingBytes: config.runLogWaitingBytes,
      },
    );
  },
};

function keysOf(config: Config): string[] {
  const { openaiApiKey, qdrantApiKey, s3SecretAccessKey, approvalLinkSecret, wsTokenSecret, modelProviders } = config;
  const keys = [openaiApiKey, qdrantApiKey, s3SecretAccessKey, approvalLinkSecret, wsTokenSecret];
  const ofModels = [...modelProviders.values()].map(({ apiKey }) => apiKey);
  return [...keys, ...ofModels, ...passwordsOf(config.databaseUrl), ...passwordsOf(config.redisUrl)].filter(
    (key) => key !== null,
  );
}

/** As the URL writes it, and as it is meant. */
function passwordsOf(url: string | null): string[] {
  const password = url !== null && URL.canParse(url) ? new URL(url).password : '';
  return [password, decodeURIComponent(password)];
}
