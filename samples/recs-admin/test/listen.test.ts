import { afterEach, describe, expect, it } from '@jest/globals';
import { type ListenOptions, listen, type RunningServer } from '../src/http/listen.js';

const answerNothing = (): void => {};

describe('Listening', () => {
  const running: RunningServer[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (server) => server.close()));
  });

  async function listenOn(options: ListenOptions): Promise<{ readonly server: RunningServer; readonly port: number }> {
    const server = await listen(answerNothing, options);
    running.push(server);
    return { server, port: Number(new URL(server.url).port) };
  }

  it('takes the next free port when it may', async () => {
    const first = await listenOn({ port: 0, attempts: 1 });
    const second = await listenOn({ port: first.port, attempts: 20 });
    expect(second.port).toBeGreaterThan(first.port);
  });

  it('refuses a taken port with advice, and frees a port when it is closed', async () => {
    const { server, port } = await listenOn({ port: 0, attempts: 1 });
    await expect(listenOn({ port, attempts: 1 })).rejects.toMatchObject({
      code: 'conflict',
      advice: expect.stringContaining('--port'),
    });
    await server.close();
    await server.close();
    expect((await listenOn({ port, attempts: 1 })).port).toBe(port);
  });
});
