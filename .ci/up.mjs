#!/usr/bin/env node
// `npm run up [-- <program> [arguments]]`: the shop where no program is named. To be run with tsx: node --import tsx .ci/up.mjs
const given = process.argv.slice(2);
process.argv.splice(2, given.length, 'up', ...(given.length > 0 ? given : ['examples/shop']));
await import('../stacks/cli.ts');
