// TypeScript types of Envoy's API, out of the Envoy that is used. `.ci/envoy-types.mjs <envoy>` makes them and knows what it
// has made; it is asked again only when Envoy or its own text is another one.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, root, tools } from './cache.mjs';
import { run } from './command.mjs';

const script = join(root, '.ci/envoy-types.mjs');

export const envoyTypes = {
  name: "Envoy's types",

  isDone() {
    if (!existsSync(script)) return true;
    const known = tools.get('envoyTypes');
    return (
      known?.made === inputs() && known.files.length > 0 && known.files.every((file) => existsSync(join(root, file)))
    );
  },

  work() {
    const result = run(process.execPath, [script, tools.get('envoy').path], { cwd: root });
    if (result.status !== 0)
      throw failure(`.ci/envoy-types.mjs failed:\n  ${result.said}`, 'run "node .ci/envoy-types.mjs <envoy>" by hand');
    const files = result.stdout
      .trim()
      .split('\n')
      .filter((file) => file !== '');
    if (files.length === 0 || !files.every((file) => existsSync(join(root, file)))) {
      throw failure(
        `.ci/envoy-types.mjs printed ${JSON.stringify(files)}; each line must be a file that it has written, from the root of the repository`,
        'correct the script',
      );
    }
    tools.set('envoyTypes', { made: inputs(), files });
    return `wrote ${files.join(', ')}`;
  },
};

function inputs() {
  const { version, identity } = tools.get('envoy') ?? {};
  return createHash('sha256').update(`${version} ${identity} `).update(readFileSync(script)).digest('hex');
}
