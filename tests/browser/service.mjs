// The real binary with its demo, in a data directory of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const patience = 240_000;

// Starts the service and waits for its one-time link. `stop` ends it and removes its data.
export async function start(binary) {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-browser-'));
  const child = spawn(binary, ['serve', '--demo', '--listen', '127.0.0.1:0', '--data', data], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    const login = await link(child);
    await ready(new URL('/readyz', login));
    return { origin: login.origin, login: login.href, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// The link is among what the process prints, on whichever stream.
function link(child) {
  let printed = '';
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${why}; it printed:\n${printed}`));
    const timer = setTimeout(() => fail('no login link appeared'), patience);
    const read = (bytes) => {
      printed = (printed + bytes).slice(-100_000);
      const found = printed.match(/https?:\/\/\S+\/login\?once=[^\s"')]+(?=[\s"')])/);
      if (!found) return;
      clearTimeout(timer);
      resolve(new URL(found[0]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(`it could not be started: ${error.message}`));
    child.once('exit', (code) => fail(`it ended with ${code}`));
  });
}

async function ready(url) {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not become ready`);
}
