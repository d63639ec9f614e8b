import { benchProxy, sections } from './proxy';
import { benchSynth } from './synth';

/** `npm run bench -- synth [sizes]`, `npm run bench -- proxy [--quick] [sections]`: measurements, printed for a person to read. */
const [what, ...rest] = process.argv.slice(2);
switch (what) {
  case 'synth':
    synth(rest);
    break;
  case 'proxy':
    void proxy(rest);
    break;
  default:
    refuse(
      `there is no benchmark ${what ?? '(none named)'}; there are: synth [number of services]..., proxy [--quick] [section]...`,
    );
}

function synth(sizes: readonly string[]): void {
  if (!sizes.every((size) => /^[1-9]\d*$/.test(size))) {
    refuse(`sizes are whole numbers of services, got ${sizes.join(' ')}`);
  }
  benchSynth(sizes.length > 0 ? sizes.map(Number) : [10, 100, 1_000, 10_000]);
}

async function proxy(options: readonly string[]): Promise<void> {
  const chosen = options.filter((option) => option !== '--quick');
  const unknown = chosen.filter((section) => !Object.hasOwn(sections, section));
  if (unknown.length > 0)
    refuse(`there is no section ${unknown.join(' ')}; there are: ${Object.keys(sections).join(' ')}`);
  await benchProxy(chosen, chosen.length < options.length);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
