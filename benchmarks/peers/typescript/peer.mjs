// The TypeScript SDK's client, measured as the JVMs measure the others: the same arguments, the same line of results.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [, , , scenario, transport, endpoint, warm, seconds] = process.argv.slice(1);
const MESSAGE = 'The quick brown fox jumps over 1';
const now = () => Number(process.hrtime.bigint());
let errors = 0;

async function connect() {
  const client = new Client({ name: 'benchmark', version: '1' });
  await client.connect(
    transport === 'stdio'
      ? new StdioClientTransport({ command: endpoint })
      : new StreamableHTTPClientTransport(new URL(endpoint)),
  );
  return client;
}

async function call(client, name, args, right) {
  try {
    const result = await client.callTool({ name, arguments: args });
    if (right(result.content[0].text)) {
      return true;
    }
  } catch (e) {
    if (errors < 3) {
      console.error(e);
    }
  }
  errors++;
  return false;
}

const echo = (client) => call(client, 'echo', { message: MESSAGE }, (text) => text === MESSAGE);

/** So many callers, each of which awaits its answer before it calls again. */
async function load(callers, operation) {
  let calls = 0;
  let stopped = false;
  let latencies;
  const loop = async () => {
    while (!stopped) {
      const begin = now();
      if (await operation()) {
        calls++;
        latencies?.push(now() - begin);
      }
    }
  };
  const loops = Array.from({ length: callers }, loop);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const begin = now();
  while (now() - begin < warm * 1e9 || (calls < 20000 && now() - begin < 3e9 * warm)) {
    await pause(10);
  }
  latencies = [];
  errors = 0;
  const before = { calls, at: now(), cpu: process.cpuUsage() };
  await pause(seconds * 1000);
  const cpu = process.cpuUsage(before.cpu);
  const made = calls - before.calls;
  const took = now() - before.at;
  stopped = true;
  await Promise.all(loops);
  latencies.sort((a, b) => a - b);
  return {
    errors,
    callsPerSecond: (made * 1e9) / took,
    cpuUs: (cpu.user + cpu.system) / Math.max(1, made),
    p50Us: latencies[Math.floor(latencies.length / 2)] / 1000,
    p99Us: latencies[Math.floor(latencies.length * 0.99)] / 1000,
  };
}

async function blobs(size) {
  const client = await connect();
  const result = await load(1, () => call(client, 'blob', { size }, (text) => text.length === size));
  return { ...result, mbPerSecond: (result.callsPerSecond * size) / 1e6 };
}

async function batches() {
  const client = await connect();
  const singles = [];
  const batch = [];
  const begin = now();
  while (now() - begin < (Number(warm) + Number(seconds)) * 1e9) {
    const counts = now() - begin > warm * 1e9;
    const start = now();
    for (let i = 0; i < 100; i++) {
      await echo(client);
    }
    const between = now();
    await Promise.all(Array.from({ length: 100 }, () => echo(client)));
    if (counts || batch.length === 0) {
      singles.push(between - start);
      batch.push(now() - between);
    }
  }
  const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] / 1000;
  const singlesUs = median(singles);
  const batchUs = median(batch);
  return { errors, singlesUs, batchUs, saved: 1 - batchUs / singlesUs };
}

async function connecting() {
  const times = [];
  const begin = now();
  while (times.length < 8 || now() - begin < seconds * 1e9) {
    const start = now();
    const client = await connect();
    times.push((now() - start) / 1e6);
    await client.close();
  }
  const counted = times.slice(3).sort((a, b) => a - b);
  return { errors, connectMs: counted[Math.floor(counted.length / 2)], slowestConnectMs: counted.at(-1) };
}

async function firstCall() {
  const begin = now();
  await echo(await connect());
  return { errors, connectAndCallMs: (now() - begin) / 1e6 };
}

const echoes = async (callers) => {
  const client = await connect();
  return load(callers, () => echo(client));
};

const cases = {
  'one-thread': () => echoes(1),
  'one-thread-pinned': () => echoes(1),
  'shared-16': () => echoes(16),
  'batch-100': batches,
  'blob-64k': () => blobs(64 * 1024),
  'blob-1m': () => blobs(1024 * 1024),
  'blob-8m': () => blobs(8 * 1024 * 1024),
  connect: connecting,
  'first-call': firstCall,
};

const result = await cases[scenario]();
const line = Object.entries(result).map(([name, value]) => `${name}=${Number(value).toFixed(4)}`).join(' ');
process.stdout.write(`result ${line}\n`, () => process.exit(0));
