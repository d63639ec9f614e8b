#!/usr/bin/env node
// Brings what the repository does not hold: npm dependencies, the Gateway API's CRDs, Kubernetes' schemas, Envoy, Prometheus.
//
//   node .ci/prepare.mjs [--quiet] [synth | up | build | test | bench | all]
//
// Runs before `npm ci` has run, so it needs nothing but Node. Each step says how to see that it is done and how to do it; what
// is done is not done again. Nothing is ever left half written, and two runs at the same time wait for each other.
import { tools } from './prepare/cache.mjs';
import { envoy } from './prepare/envoy.mjs';
import { envoyTypes } from './prepare/envoy-types.mjs';
import { gatewayApi } from './prepare/gateway-api.mjs';
import { kubernetesSchemas } from './prepare/kubernetes-schemas.mjs';
import { loadTools } from './prepare/load-tools.mjs';
import { withLock } from './prepare/lock.mjs';
import { networkTools } from './prepare/network-tools.mjs';
import { npm } from './prepare/npm.mjs';
import { prometheus } from './prepare/prometheus.mjs';
import { thirdPartyCrds } from './prepare/third-party-crds.mjs';

/** What each mode needs. Types of Envoy are imported as types only, so synthesis runs without them and without Envoy. */
const modes = {
  synth: [npm, gatewayApi],
  up: [npm, gatewayApi, envoy, envoyTypes],
  build: [npm, gatewayApi, envoy, envoyTypes],
  test: [npm, gatewayApi, envoy, envoyTypes, kubernetesSchemas, thirdPartyCrds, prometheus, networkTools],
  bench: [npm, gatewayApi, envoy, envoyTypes, loadTools],
};
modes.all = [...modes.test, loadTools];

const { mode, quiet } = readArguments(process.argv.slice(2));
const steps = modes[mode];
let current = steps[0];

try {
  if (steps.some((step) => !step.isDone())) await withLock(say, doAll);
  else if (!quiet) say('everything is here');
} catch (error) {
  say(`${current.name}: ${error.message}`);
  if (error.remedy) say(`  remedy: ${error.remedy}`);
  if (!error.remedy && error.stack) say(error.stack);
  process.exitCode = 1;
}

async function doAll() {
  for (current of steps) {
    if (current.isDone()) continue;
    const started = Date.now();
    const outcome = await current.work({ say });
    say(`${current.name}: ${outcome} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  }
  tools.save();
}

/** To stderr: what a command prints on stdout is its result, and this is not. */
function say(line) {
  process.stderr.write(`prepare: ${line}\n`);
}

function readArguments(given) {
  const words = given.filter((argument) => argument !== '--quiet');
  const [mode = 'all', ...rest] = words;
  if (rest.length > 0 || !Object.hasOwn(modes, mode)) {
    say(`got "${words.join(' ')}"; usage: node .ci/prepare.mjs [--quiet] [${Object.keys(modes).join(' | ')}]`);
    process.exit(2);
  }
  return { mode, quiet: words.length < given.length };
}
