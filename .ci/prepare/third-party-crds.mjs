// CRDs of others whose objects we write when asked: Prometheus Operator's and cert-manager's, as they publish them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, identityOf, tools, writeWhole } from './cache.mjs';
import { crdsIn } from './crds.mjs';
import { openGoModule } from './go-module.mjs';

const sources = [
  {
    path: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['podmonitors', 'prometheusrules', 'servicemonitors'].map(
      (plural) => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
  },
  {
    path: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    files: ['certificates', 'clusterissuers', 'issuers'].map((plural) => `deploy/crds/cert-manager.io_${plural}.yaml`),
  },
];

const path = join(cache, 'third-party-crds.json');

export const thirdPartyCrds = {
  name: 'CRDs of others',

  isDone() {
    const known = tools.get('thirdPartyCrds');
    return known?.path === path && known.made === made() && identityOf(path) !== undefined;
  },

  work({ say }) {
    const crds = sources.flatMap((source) => crdsIn(openGoModule(source, say), source.files));
    writeWhole(path, JSON.stringify(crds));
    tools.set('thirdPartyCrds', { path, made: made() });
    return `wrote ${crds.map(({ spec }) => spec.names.kind).join(', ')}`;
  },
};

/** Changes with the versions and with this file. */
function made() {
  return createHash('sha256')
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex');
}
