// Strict JSON schemas of Kubernetes: the oldest version that Meshwright supports, one in the middle, the newest there is.
import { join } from 'node:path';
import { cache, failure, identityOf, tools, writeWhole } from './cache.mjs';
import { pinnedVersion, withWheel } from './wheel.mjs';

const versions = ['1.29', '1.33', '1.37'];
const pathOf = (version) => join(cache, 'kubernetes-schemas', version, '_definitions.json');

export const kubernetesSchemas = {
  name: 'Kubernetes schemas',

  isDone() {
    const known = tools.get('kubernetesSchemas');
    return versions.every(
      (version) => known?.[version] === pathOf(version) && identityOf(pathOf(version)) !== undefined,
    );
  },

  async work({ say }) {
    await withWheel('kubernetes-validate', say, (entries) => {
      for (const version of versions) {
        const name = `kubernetes_validate/kubernetes-json-schema/v${version}.0-local-strict/_definitions.json`;
        const entry = entries.get(name);
        if (!entry)
          throw failure(
            `kubernetes-validate ${pinnedVersion('kubernetes-validate')} holds no ${name}`,
            'correct the versions in .ci/prepare/kubernetes-schemas.mjs',
          );
        writeWhole(pathOf(version), entry.read());
      }
    });
    tools.set('kubernetesSchemas', Object.fromEntries(versions.map((version) => [version, pathOf(version)])));
    return `extracted ${versions.join(', ')}`;
  },
};
