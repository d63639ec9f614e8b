import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type AuthorityChange, CannotIssue } from '../../../proxy/identity/authority';
import { readIssuer } from '../../../proxy/identity/given-issuer';
import { RootOfTrust } from '../../../proxy/identity/root-of-trust';
import { fileStore, memoryStore, type RootStore } from '../../../proxy/identity/root-store';
import type { RootSource, StoredRoot } from '../../../proxy/identity/rotation';
import { VirtualClock } from '../../support/clock';
import { makeAuthority, verdict } from './openssl';
import { day, hour, minute, newRoot, recordingLog, second, trustDomain, year } from './support';

const reviews = { namespace: 'storefront', serviceAccount: 'reviews' };
const settings = { trustDomain, leafLifetime: day, rootLifetime: 10 * year };

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

function started(store: RootStore, source: RootSource = { kind: 'made' }, now = Date.now() + hour) {
  const clock = new VirtualClock(now);
  const log = recordingLog();
  const root = new RootOfTrust({ store, source, settings, clock, random: randomBytes, log });
  undo.push(() => root.close());
  const changes: AuthorityChange[] = [];
  root.onChange((change) => changes.push(change));
  return { root, clock, log, changes };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'meshwright-root-'));
  undo.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function given(): RootSource {
  const { certificate, key } = makeAuthority({ name: 'given' });
  const read = readIssuer({ certificateChain: certificate, privateKey: key }, Date.now() + hour);
  if (read.kind === 'refused') throw new Error(read.problems.join('; '));
  return { kind: 'given', issuer: read.issuer };
}

describe('a root of trust', () => {
  it('issues nothing before there is one, and says so', async () => {
    const { root } = started(memoryStore());
    expect(() => root.issue(reviews)).toThrow(
      new CannotIssue('there is no root of trust yet, so nothing can be signed'),
    );
    expect([root.trustBundle, root.trustGeneration, root.stage, root.rootExpiries()]).toEqual(['', 0, undefined, []]);
    await root.ready;
    expect(root.issue(reviews).spiffeId).toBe('spiffe://shop.example/ns/storefront/sa/reviews');
  });

  it('is the same after a start, and another one in another store', async () => {
    const store = memoryStore();
    const first = started(store);
    await first.root.ready;
    const leaf = first.root.issue(reviews);
    first.root.close();
    const [again, other] = [started(store), started(memoryStore())];
    await again.root.ready;
    await other.root.ready;
    expect(again.root.trustBundle).toBe(first.root.trustBundle);
    expect(again.root.trustGeneration).toBe(1);
    expect(verdict(again.root.trustBundle, leaf.certificateChain, again.clock.now())).toBe('OK');
    expect(other.root.trustBundle).not.toBe(first.root.trustBundle);
  });

  it('says what changes while it is replaced, and when each root ends', async () => {
    const { root, clock, changes } = started(memoryStore());
    await root.ready;
    const first = root.rootExpiries();
    expect(first).toEqual([{ root: 'issuing', notAfter: root.issuerEnds }]);
    expect(changes.splice(0)).toEqual([{ trust: true, issuer: true }]);

    root.rotate();
    root.rotate();
    await clock.advance(minute);
    expect([root.stage, root.trustGeneration, root.issuerGeneration]).toEqual(['introducing', 2, 1]);
    expect(changes.splice(0)).toEqual([{ trust: true, issuer: false }]);
    expect(root.rootExpiries().map(({ root }) => root)).toEqual(['issuing', 'trusted']);
    expect(root.issue(reviews).generation).toBe(1);

    root.report({ trust: 2, leaves: 1 });
    await clock.advance(5 * minute);
    expect([root.stage, root.trustGeneration, root.issuerGeneration]).toEqual(['renewing', 2, 2]);
    expect(changes.splice(0)).toEqual([{ trust: false, issuer: true }]);
    const leaf = root.issue(reviews);
    expect(leaf.generation).toBe(2);

    root.report({ trust: 2, leaves: 2 });
    await clock.advance(5 * minute);
    expect([root.stage, root.trustGeneration, root.issuerGeneration]).toEqual(['steady', 3, 2]);
    expect(changes.splice(0)).toEqual([{ trust: true, issuer: false }]);
    expect(root.rootExpiries()).toEqual([{ root: 'issuing', notAfter: root.issuerEnds }]);
    expect(verdict(root.trustBundle, leaf.certificateChain, clock.now())).toBe('OK');
  });

  it('hears what somebody says who is told of a change', async () => {
    const { root, clock } = started(memoryStore());
    await root.ready;
    root.onChange(() => root.report({ trust: root.trustGeneration, leaves: root.issuerGeneration }));
    root.rotate();
    await clock.advance(10 * minute);
    expect([root.stage, root.issuerGeneration]).toEqual(['steady', 2]);
  });

  it('is not used before it is kept; a store that fails is tried again', async () => {
    const memory = memoryStore();
    let failures = 2;
    const save = async (stored: StoredRoot) => {
      if (failures-- > 0) throw new Error('the disk is full');
      await memory.save(stored);
    };
    const { root, clock, log } = started({ load: memory.load, save });
    await clock.advance(second);
    expect(root.stage).toBeUndefined();
    await clock.advance(9 * second);
    expect(root.stage).toBe('steady');
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual(
      Array(2).fill('error the root of trust cannot be kept, so it is not used yet {"reason":"the disk is full"}'),
    );
  });

  it('is not made anew where the one that is kept cannot be read', async () => {
    const path = join(folder(), 'root.json');
    const { root, clock, log } = started(fileStore(path));
    await root.ready;
    root.close();
    const kept = readFileSync(path, 'utf8');

    writeFileSync(path, kept.slice(0, -20));
    const again = started(fileStore(path));
    await again.clock.advance(second);
    // Files take as long as they take.
    await expect.poll(() => again.log.lines).toHaveLength(1);
    expect(again.log.lines).toEqual([
      `error the root of trust cannot be read {"reason":"the root of trust in ${path} is not JSON; restore it, or remove it so that a new one is made"}`,
    ]);
    expect(again.root.stage).toBeUndefined();
    writeFileSync(path, kept);
    await again.clock.advance(5 * second);
    await again.root.ready;
    expect(again.root.trustBundle).toBe(root.trustBundle);
    expect([...log.lines, ...again.log.lines].join('\n')).not.toContain('PRIVATE');
    expect(clock.now()).toBeLessThan(again.clock.now());
  });
});

describe('a root that is given', () => {
  it('is waited for, and its key is not kept', async () => {
    const saved: StoredRoot[] = [];
    const store: RootStore = { load: async () => saved.at(-1), save: async (stored) => void saved.push(stored) };
    const { root, clock } = started(store, { kind: 'given' });
    await clock.advance(day);
    expect(root.stage).toBeUndefined();
    const [source, next] = [given(), given()];
    root.use(source);
    await root.ready;
    root.use(next);
    await clock.advance(day);
    await clock.advance(day + hour);
    expect(root.stage).toBe('steady');
    expect(saved.map(({ stage }) => stage.kind)).toEqual(['steady', 'introducing', 'renewing', 'steady']);
    expect(JSON.stringify(saved)).not.toContain('PRIVATE');
    root.close();

    const again = started(store, next);
    await again.root.ready;
    const leaf = again.root.issue(reviews);
    expect(verdict(root.trustBundle, leaf.certificateChain, again.clock.now())).toBe('OK');
  });
});

describe('a store in a file', () => {
  const stored: StoredRoot = {
    trustGeneration: 3,
    issuerGeneration: 2,
    stage: { kind: 'introducing', issuing: newRoot(0), next: newRoot(0), since: 17 },
  };

  it('gives back what was kept last, in a file that only its own user may read', async () => {
    const path = join(folder(), 'of', 'mesh', 'root.json');
    const store = fileStore(path);
    expect(await store.load()).toBeUndefined();
    await store.save({ ...stored, trustGeneration: 1 });
    await store.save(stored);
    expect(await store.load()).toEqual(stored);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['root.json']);
  });

  it('leaves what is there, and nothing beside it, where it cannot write', async () => {
    const path = folder();
    writeFileSync(join(path, 'child'), '');
    await expect(fileStore(path).save(stored)).rejects.toThrow();
    expect(readdirSync(path)).toEqual(['child']);
    expect(readdirSync(join(path, '..')).filter((name) => name.startsWith(`${path}.`))).toEqual([]);
  });

  it('refuses what it has not written', async () => {
    const path = join(folder(), 'root.json');
    for (const text of [
      'null',
      '[]',
      '{}',
      JSON.stringify({ ...stored, trustGeneration: 0 }),
      JSON.stringify({ ...stored, stage: { kind: 'other' } }),
    ]) {
      writeFileSync(path, text);
      await expect(fileStore(path).load()).rejects.toThrow(
        `the root of trust in ${path} is not of the form that is kept there; restore it, or remove it so that a new one is made`,
      );
    }
  });
});
