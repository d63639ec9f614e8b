import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^meshwright$/, replacement: `${root}lib/index.ts` },
      { find: /^meshwright\/pulumi$/, replacement: `${root}stacks/pulumi/index.ts` },
      { find: /^meshwright\/testing$/, replacement: `${root}lib/testing.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
