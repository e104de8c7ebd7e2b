// Loaded before an app: its parent is the launcher, and when that is gone, however it ended, the app shuts down.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The listener alone must not keep the app alive.
process.channel?.unref();
