// A server of revision 2026-07-28 over stdio, on the official SDK: what a client meets in the field.
//
//   MODERN_ONLY=1        refuses clients of the older revisions; otherwise it serves both eras
//   START_DELAY_MS=3000  begins to read only then; a modern server that starts slowly is no legacy one
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const text = (value) => ({ content: [{ type: 'text', text: value }] });

function createServer() {
  const server = new McpServer(
    { name: 'modern-server', version: '1.0.0' },
    { capabilities: { tools: {} }, instructions: 'A server to test against.' },
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

  return server;
}

await delay(Number(process.env.START_DELAY_MS ?? 0));
serveStdio(createServer, {
  legacy: process.env.MODERN_ONLY === '1' ? 'reject' : 'serve',
  onerror: (error) => console.error(error.message),
});
