/**
 * Loaded into the process of a program before the program itself. It loads what takes long and does not change with an edit, waits
 * for a line on the standard input, and lets the program run: so the program starts with everything at hand. When the program ends
 * it writes down which files were loaded.
 */
import { readSync, writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

function prepareAndWait(): void {
  const { MESHWRIGHT_LOADED: loadedFile = '', MESHWRIGHT_PRELOAD: preload = '' } = process.env;
  delete process.env.MESHWRIGHT_LOADED;
  delete process.env.MESHWRIGHT_PRELOAD;
  const program = process.argv[1] ?? '';
  const imported = watchImports();
  process.once('exit', () => {
    const files = [program, ...Object.keys(require.cache), ...imported()].map((file) => file.replace(/\?.*$/, ''));
    writeFileSync(loadedFile, JSON.stringify([...new Set(files)]));
  });
  const from = createRequire(program);
  for (const name of preload.split(' ')) {
    try {
      from(name);
    } catch {
      // The program does not have it, or will say itself what is wrong with it.
    }
  }
  writeFileSync(loadedFile, JSON.stringify(Object.keys(require.cache)));
  process.stdout.write('\n');
  if (!lineCame()) process.exit(1);
}

/** Modules that are imported pass hooks; those that are required are in Node's cache. Gives the files of the former so far. */
function watchImports(): () => readonly string[] {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { port: port2 }, transferList: [port2] });
  const urls: string[] = [];
  return () => {
    for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1)) urls.push(next.message);
    return urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  };
}

const hooks = `
let port;
export function initialize(data) { port = data.port; }
export async function load(url, context, next) { port.postMessage(url); return next(url, context); }
`;

/** Waits for the word to start; false where whoever would give it has gone. */
function lineCame(): boolean {
  const byte = Buffer.alloc(1);
  for (;;) {
    try {
      if (readSync(0, byte) === 0) return false;
      if (byte[0] === 10) return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

// Node loads what is required beforehand into the thread of its module hooks too.
if (isMainThread) prepareAndWait();
