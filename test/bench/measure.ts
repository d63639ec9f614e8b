import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Yaml } from 'cdk8s';

/** One synthesis: milliseconds and bytes. */
export interface Measured {
  readonly objects: number;
  readonly declare: number;
  readonly analyse: number;
  /** What cdk8s does beside: the order of objects, their JSON. */
  readonly resolve: number;
  /** Text and files. */
  readonly yaml: number;
  readonly total: number;
  /** Most memory that the process had at once. */
  readonly peak: number;
  /** Of the files. */
  readonly bytes: number;
}

const [what, services = '', objects = ''] = process.argv.slice(2);
const outdir = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
subject()
  .then((subject) => console.log(JSON.stringify(measure(outdir, subject))))
  .finally(() => rmSync(outdir, { recursive: true }));

interface Subject {
  readonly declare: (app: App) => void;
  /** What synthesis would do first; done apart, so that it can be told apart. */
  readonly analyse: (app: App) => void;
}

/** Only what is measured is loaded: the memory of the one is not to be that of the other. */
async function subject(): Promise<Subject> {
  if (what === 'hand') {
    const { declareByHand } = await import('./by-hand.js');
    return { declare: (app) => declareByHand(app, Number(services), Number(objects)), analyse: () => {} };
  }
  const { declareMesh } = await import('./mesh-of.js');
  const { Program } = await import('../../lib/constructs/program.js');
  return {
    declare: (app) => declareMesh(app, Number(services)),
    analyse: (app) => void Program.of(app).synthesize(),
  };
}

function measure(outdir: string, { declare, analyse }: Subject): Measured {
  const started = performance.now();
  const app = new App({ outdir });
  declare(app);
  const declared = performance.now();
  analyse(app);
  const analysed = performance.now();
  const yaml = timed(Yaml, 'save');
  app.synth();
  const written = performance.now();
  return {
    objects: app.node.findAll().filter(ApiObject.isApiObject).length,
    declare: declared - started,
    analyse: analysed - declared,
    resolve: written - analysed - yaml.spent,
    yaml: yaml.spent,
    total: written - started,
    peak: process.resourceUsage().maxRSS * 1_024,
    bytes: readdirSync(outdir).reduce((sum, file) => sum + statSync(join(outdir, file)).size, 0),
  };
}

/** Adds up the time that a function takes from now on. */
function timed<K extends string>(owner: { [P in K]: (...args: never[]) => unknown }, name: K): { spent: number } {
  const original = owner[name] as (...args: unknown[]) => unknown;
  const clock = { spent: 0 };
  owner[name] = (...args: unknown[]) => {
    const before = performance.now();
    const result = original.apply(owner, args);
    clock.spent += performance.now() - before;
    return result;
  };
  return clock;
}
