// The health check of the image: exits 0 while this container's process is ready for work. A worker answers on WORKER_PORT.
const port = process.env.WORKER_PORT ?? process.env.PORT ?? '8001';
try {
  const response = await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(4_000) });
  process.exitCode = response.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
