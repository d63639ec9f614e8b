import { randomBytes } from 'node:crypto';
import { type Model, order } from '../../lib/model';
import { makeRoot, openIssuer } from '../../proxy/identity/issuer';
import { issueLeaf } from '../../proxy/identity/leaf';
import type { KeyPair } from '../../proxy/sources/source';

/** A certificate that a gateway serves, and for whom. */
export interface ServedCertificate {
  /** `namespace/name` of the Secret. */
  readonly secret: string;
  readonly hosts: readonly string[];
}

/** Every Secret from which gateways serve, whoever would bring it in a cluster. */
export function servedCertificates(model: Model): readonly ServedCertificate[] {
  const hosts = new Map<string, Set<string>>();
  for (const { namespace, listeners } of model.gateways) {
    for (const { tls, host } of listeners) {
      if (!tls) continue;
      const secret = `${namespace}/${tls.kind === 'secret' ? tls.name : tls.secret}`;
      const served = hosts.get(secret) ?? new Set(['localhost', '127.0.0.1']);
      if (host !== undefined) served.add(host);
      hosts.set(secret, served);
    }
  }
  return [...hosts].map(([secret, names]) => ({ secret, hosts: [...names].sort(order) }));
}

/** Signs what gateways serve here: an authority that lives as long as the mesh runs, and that nobody else trusts. */
export class DevelopmentAuthority {
  private readonly root = makeRoot({ trustDomain: 'localhost', lifetime, now: Date.now(), random: randomBytes });
  private readonly issued = new Map<string, KeyPair>();

  /** Its certificate, PEM, for whoever calls: `curl --cacert`. */
  get certificate(): string {
    return this.root.certificateChain;
  }

  /** The same pair for the same hosts. */
  pairFor({ hosts }: ServedCertificate): KeyPair {
    const key = hosts.join(' ');
    const known = this.issued.get(key);
    if (known) return known;
    const issuer = openIssuer(this.root);
    if (!issuer) throw new Error('the development authority has lost its key');
    const subject = { kind: 'server', hosts } as const;
    const { certificateChain, privateKey } = issueLeaf(issuer, {
      subject,
      lifetime,
      now: Date.now(),
      random: randomBytes,
    });
    const pair = { certificateChain, privateKey };
    this.issued.set(key, pair);
    return pair;
  }
}

/** No mesh of a developer runs for so long without a start in between. */
const lifetime = 90 * 24 * 3_600_000;
