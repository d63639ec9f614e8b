import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StoredRoot } from './rotation';
import { isStoredRoot } from './stored-root';

/** Where the root of trust is kept, so that a control plane that starts anew goes on with the one that proxies trust. */
export interface RootStore {
  /** Absent: nothing was ever kept. */
  load(): Promise<StoredRoot | undefined>;
  /** Replaces what is there; only what has been kept for good is used. */
  save(root: StoredRoot): Promise<void>;
}

/** Keeps it for as long as the process lives, or as somebody holds the store. */
export function memoryStore(): RootStore {
  let kept: string | undefined;
  return {
    load: async () => (kept === undefined ? undefined : parse(kept, 'memory')),
    save: async (root) => {
      kept = JSON.stringify(root);
    },
  };
}

/** Keeps it in a file that only its own user may read. */
export function fileStore(path: string): RootStore {
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parse(text, path);
    },
    save: async (root) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceFile(path, JSON.stringify(root));
    },
  };
}

/** Whoever reads while it is written, or after a crash, finds the old content or the new one, never a part. */
async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Nothing of the content is in what is thrown. */
function parse(text: string, where: string): StoredRoot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`the root of trust in ${where} is not JSON; restore it, or remove it so that a new one is made`);
  }
  if (isStoredRoot(value)) return value;
  throw new Error(
    `the root of trust in ${where} is not of the form that is kept there; restore it, or remove it so that a new one is made`,
  );
}
