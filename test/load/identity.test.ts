import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaults } from '../../lib/model';
import { Mesh } from '../behaviour/harness/mesh';
import { mesh } from '../support/model-builder';
import { until } from '../support/wait';
import { accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { shop, twoOfEach } from './shop';
import { underLoad } from './traffic';

/** Certificates that live for seconds, and roots of trust that are replaced, while requests flow: none of them fails. */

/** Milliseconds; renewed at half of it. */
const lifetime = 4_000;

let running: Mesh;
beforeAll(async () => {
  const short = mesh({ certificates: { ...defaults.certificates, lifetime } });
  running = await Mesh.start(shop({ over: (model) => ({ ...model, mesh: short }) }), {
    ...twoOfEach,
    controlPlane: { settle: 500 },
  });
});
afterAll(() => running?.stop());
accountAtEnd();

const proxies = ['web', 'public-gateway', 'catalog-v1-0', 'catalog-v1-1', 'catalog-v2-0', 'catalog-v2-1'];

/** Serial number of the certificate that a proxy uses. */
async function serialOf(proxy: string): Promise<string> {
  const { certificates } = JSON.parse(await running.proxy(proxy).admin('/certs'));
  return certificates
    .map((one: { cert_chain: { serial_number: string }[] }) => one.cert_chain[0]?.serial_number)
    .join();
}

describe('no request fails while', () => {
  it('certificates of seconds are renewed again and again', { timeout: caseTimeout }, async () => {
    await underLoad(running, 'certificates', 500, async (flow) => {
      const rounds = await again(2, async () => {
        const before = await Promise.all(proxies.map(serialOf));
        await until(
          'every proxy to have a new certificate',
          async () => (await Promise.all(proxies.map(serialOf))).every((serial, index) => serial !== before[index]),
          { patience: 4 * lifetime },
        );
        await flow(50);
      });
      return `each of ${proxies.length} renewed ${rounds} times`;
    });
  });

  it('the root of trust is replaced, stage by stage', { timeout: caseTimeout }, async () => {
    const { authority } = running.certificates;
    const roots = () => authority.trustBundle.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    await underLoad(running, 'root of trust', 500, async (flow) => {
      const rounds = await again(1, async () => {
        const [old] = roots();
        authority.rotate();
        await until('both roots to be trusted', () => roots().length === 2);
        // What proxies know their control plane by, which a cluster publishes past it.
        for (const proxy of proxies) running.proxy(proxy).trust(authority.trustBundle);
        await until('only the new root to be trusted', () => roots().length === 1 && roots()[0] !== old, {
          patience: 30_000,
        });
        for (const proxy of proxies) running.proxy(proxy).trust(authority.trustBundle);
        await running.settled();
        await flow(50);
      });
      return `replaced ${rounds} times`;
    });
    expect(new X509Certificate(authority.trustBundle).ca).toBe(true);
  });
});
