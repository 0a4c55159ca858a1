// Loaded into the service ahead of it: tells its parent what the process has used.
process.on('message', ({ collect }) => {
  if (collect) for (let i = 0; i < 3; i++) globalThis.gc();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ cpuMs: (user + system) / 1000, rss, heap: heapUsed });
});
// The channel alone does not keep the process.
process.channel.unref();
