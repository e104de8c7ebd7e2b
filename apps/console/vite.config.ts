import { join } from 'node:path';
import { defineConfig, loadEnv, type ProxyOptions } from 'vite';
import { compressAssets } from './compress-assets.js';
import { boundFirstLoad } from './first-load.js';

/** What belongs to the API while `npm run console` serves the pages. */
const API_PATHS = [
  '/api',
  '/ws',
  '/run-agents',
  '/events',
  '/workflow-capacity',
  '/health',
  '/ready',
  '/admin',
  '/docs',
  '/metrics',
];

export default defineConfig(({ mode }) => {
  const { BATON_URL: target = 'http://127.0.0.1:8001' } = loadEnv(mode, import.meta.dirname, 'BATON_');
  return {
    root: import.meta.dirname,
    build: {
      outDir: join(import.meta.dirname, '../../dist/console'),
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
      // What Mantine marks for servers means nothing in a browser.
      rolldownOptions: {
        onLog: (level, log, report) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : report(level, log)),
      },
    },
    worker: { format: 'es' },
    plugins: [boundFirstLoad(), compressAssets()],
    server: { proxy: Object.fromEntries(API_PATHS.map((path) => [path, proxyTo(target)])) },
  };
});

/** The API takes calls of its own origin only: what the proxy passes on comes from there. */
function proxyTo(target: string): ProxyOptions {
  return {
    target,
    changeOrigin: true,
    ws: true,
    configure: (proxy) => {
      proxy.on('proxyReq', (request) => request.removeHeader('origin'));
      proxy.on('proxyReqWs', (request) => request.removeHeader('origin'));
    },
  };
}
