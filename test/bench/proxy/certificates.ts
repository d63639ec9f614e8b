import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { makeRoot, openIssuer } from '../../../proxy/identity/issuer';
import { issueLeaf } from '../../../proxy/identity/leaf';
import { newKey } from '../../../proxy/identity/x509/new-key';
import { heading, median, ratio, table, whole } from './report';

/** How many certificates the control plane can issue, each with a new key. */
export async function benchCertificates(quick: boolean): Promise<void> {
  heading(
    'certificates issued per second',
    `one thread, P-256. OpenSSL: \`openssl speed ecdsap256\`, signatures alone, in C; a certificate is a new key, its two encodings and a
signature. Rounds of each in turn; the median of them.`,
  );
  const seconds = 1;
  const subjects = work();
  const rates = new Map<string, number[]>();
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    const measured = [
      ['openssl', opensslSignatures(seconds)] as const,
      ...subjects.map(([name, run]) => [name, rateOf(run, seconds)] as const),
    ];
    for (const [name, rate] of measured) rates.set(name, [...(rates.get(name) ?? []), rate]);
  }
  const openssl = median(rates.get('openssl') ?? []);
  table([
    ['', 'per second', 'of OpenSSL'],
    ...[...rates].map(([name, all]) => [labels[name] ?? name, whole(median(all)), ratio(median(all) / openssl)]),
  ]);
}

const labels: { readonly [name: string]: string } = {
  openssl: 'OpenSSL: signatures',
  sign: 'Node: signatures',
  key: 'Node: new keys, encoded',
  both: 'Node: a new key and a signature',
  certificate: 'certificates',
};

type Work = readonly [name: string, run: () => void];

/** What a certificate costs, and the parts of it that no certificate can do without. */
function work(): readonly Work[] {
  const now = Date.now();
  const root = makeRoot({ trustDomain: 'bench.example', lifetime: 1e10, now, random: randomBytes });
  const issuer = openIssuer(root);
  if (issuer === undefined) throw new Error('the root has no key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const content = randomBytes(400);
  const subject = { kind: 'workload', spiffeId: 'spiffe://bench.example/ns/storefront/sa/reviews' } as const;
  const signature = () => void sign('sha256', content, key);
  return [
    ['sign', signature],
    ['key', () => void newKey()],
    ['both', () => void [newKey(), signature()]],
    ['certificate', () => void issueLeaf(issuer, { subject, lifetime: 86_400_000, now, random: randomBytes })],
  ];
}

function rateOf(run: () => void, seconds: number): number {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < seconds * 1_000) {
    for (let i = 0; i < 50; i++) run();
    count += 50;
  }
  return (count * 1_000) / (performance.now() - started);
}

/** `+F5:3:256:52506.25:16841.03` is what it prints for programs: signatures and verifications per second, by the clock on the wall. */
function opensslSignatures(seconds: number): number {
  const args = ['speed', '-mr', '-elapsed', '-seconds', String(seconds), 'ecdsap256'];
  const { stdout, stderr, status } = spawnSync('openssl', args, { encoding: 'utf8' });
  const printed = /^\+F\d+:\d+:256:([\d.]+):/m.exec(stdout)?.[1];
  if (status !== 0 || printed === undefined) throw new Error(`openssl speed failed:\n${stderr}`);
  return Number(printed);
}
