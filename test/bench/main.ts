import { benchSynth } from './synth';

/** `npm run bench -- synth [sizes]`: measurements, printed for a person to read. */
const [what, ...sizes] = process.argv.slice(2);
if (what !== 'synth') {
  console.error(`there is no benchmark ${what ?? '(none named)'}; there is: synth [number of services]...`);
  process.exit(2);
}
if (!sizes.every((size) => /^[1-9]\d*$/.test(size))) {
  console.error(`sizes are whole numbers of services, got ${sizes.join(' ')}`);
  process.exit(2);
}
benchSynth(sizes.length > 0 ? sizes.map(Number) : [10, 100, 1_000, 10_000]);
