// A server of revision 2026-07-28 on the official SDK, over stdio or HTTP: what a client meets in the field.
//
//   MODERN_ONLY=1        refuses clients of the older revisions; otherwise it serves both eras
//   START_DELAY_MS=3000  begins to read only then; a modern server that starts slowly is no legacy one
//   PORT=0               serves HTTP at /mcp on 127.0.0.1, says "port <number>", and ends with its standard input
//   RESPONSE_MODE=json   over HTTP: "json" or "sse" always, or "auto", a stream once something precedes the answer
import { createServer as createHttpServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer, createMcpHandler, inputRequired } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const text = (value) => ({ content: [{ type: 'text', text: value }] });

// Tools that were added while the server runs, and who is to tell the clients of it; over HTTP each request has a server of its own.
const added = new Set();
let tellOfTools = () => {};

function registerAdded(server, name) {
  return server.registerTool(name, { description: 'Was added' }, async () => text(name));
}

function createServer() {
  const server = new McpServer(
    { name: 'modern-server', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } }, instructions: 'A server to test against.' },
  );

  server.registerTool(
    'echo',
    {
      description: 'Gives the message back',
      inputSchema: z.object({ message: z.string() }),
      annotations: { readOnlyHint: true },
    },
    async ({ message }) => text(message),
  );

  server.registerTool(
    'add',
    {
      description: 'Adds two numbers',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true },
    },
    async ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  );

  server.registerTool(
    'slow',
    {
      description: 'Answers after ms milliseconds, with steps progress notifications on the way if they are wanted',
      inputSchema: z.object({ ms: z.number().int().default(1000), steps: z.number().int().default(4) }),
      annotations: { readOnlyHint: true },
    },
    async ({ ms, steps }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (let step = 1; step <= steps; step++) {
        await delay(ms / steps, undefined, { signal: ctx.mcpReq.signal });
        if (progressToken !== undefined) {
          await ctx.mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: steps, message: `step ${step}` },
          });
        }
      }
      return text(`waited ${ms} ms`);
    },
  );

  server.registerTool(
    'fail',
    { description: 'Fails', inputSchema: z.object({ message: z.string().default('failed on demand') }) },
    async ({ message }) => ({ ...text(message), isError: true }),
  );

  server.registerTool(
    'confirm',
    { description: 'Asks the user', inputSchema: z.object({ question: z.string() }) },
    async ({ question }, ctx) => {
      const answer = ctx.mcpReq.inputResponses?.answer;
      if (answer === undefined) {
        const requestedSchema = {
          type: 'object',
          properties: {
            sure: { type: 'boolean', default: true },
            score: { type: 'number', default: 95.5 },
          },
        };
        return inputRequired({
          inputRequests: { answer: inputRequired.elicit({ message: question, requestedSchema }) },
          requestState: `asked ${question}`,
        });
      }
      return text(JSON.stringify(answer));
    },
  );

  server.registerTool(
    'extend',
    { description: 'Adds a tool', inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => {
      added.add(name);
      registerAdded(server, name);
      tellOfTools();
      return text(`added ${name}`);
    },
  );

  for (const name of added) {
    registerAdded(server, name);
  }
  return server;
}

const modernOnly = process.env.MODERN_ONLY === '1';
const onerror = (error) => console.error(error.message);

function serveHttp(port) {
  const handler = createMcpHandler(createServer, {
    legacy: modernOnly ? 'reject' : 'stateless',
    responseMode: process.env.RESPONSE_MODE ?? 'auto',
    onerror,
  });
  tellOfTools = () => handler.notify.toolsChanged();
  const listener = createHttpServer(async (incoming, outgoing) => {
    try {
      const response = new URL(incoming.url, 'http://host').pathname === '/mcp'
        ? await handler.fetch(toRequest(incoming, outgoing))
        : new Response('Not found', { status: 404 });
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.flushHeaders();
      await pipeline(response.body === null ? Readable.from([]) : Readable.fromWeb(response.body), outgoing);
    } catch (error) {
      onerror(error);
      outgoing.destroy();
    }
  });
  listener.listen(port, '127.0.0.1', () => console.log(`port ${listener.address().port}`));
  process.stdin.on('end', () => process.exit(0)).resume();
}

/** A request of node:http as the SDK takes it. A client that goes before the answer aborts it. */
function toRequest(incoming, outgoing) {
  const gone = new AbortController();
  outgoing.on('close', () => outgoing.writableFinished || gone.abort());
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    values.forEach((value) => headers.append(name, value));
  }
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}),
  });
}

await delay(Number(process.env.START_DELAY_MS ?? 0));
if (process.env.PORT !== undefined) {
  serveHttp(Number(process.env.PORT));
} else {
  serveStdio(createServer, { legacy: modernOnly ? 'reject' : 'serve', onerror });
}
