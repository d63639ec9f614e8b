import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ask, Load, livingGroups, meshwright, processesWith, root, Up } from './running';

/** A copy that is edited: beside the repository's own modules, so that it finds them. */
mkdirSync(join(root, '.cache'), { recursive: true });
const copy = mkdtempSync(join(root, '.cache', 'up-'));
const program = join(copy, 'shop');
cpSync(join(root, 'examples/shop'), program, { recursive: true });
const main = join(program, 'main.ts');
let up: Up | undefined;
afterAll(async () => {
  up?.signal('SIGKILL');
  await up?.exited;
  rmSync(copy, { recursive: true, force: true });
});

function edit(before: string, after: string): void {
  const text = readFileSync(main, 'utf8');
  if (!text.includes(before)) throw new Error(`the program does not hold ${before}`);
  writeFileSync(main, text.replace(before, after));
}

const shopHost = { host: 'shop.example' };

it('runs the shop on real Envoys, follows its program, heals, and leaves nothing', { timeout: 170_000 }, async () => {
  const shop = new Up(program);
  up = shop;
  await shop.ready();

  // The way of a request: gateway, web, reviews, ratings; and of an order: database, payments, what stands in for the provider.
  const page = await ask(shop.entrance, '/products/desk-lamp', { headers: { ...shopHost, 'x-tester': 'yes' } });
  expect([page.status, page.body]).toEqual([
    200,
    expect.stringMatching(/4\.5 of 5 stars, 32 ratings[\s\S]*reviews\/v2@/),
  ]);
  const order = await ask(shop.entrance, '/orders', { headers: shopHost, json: { product: 'desk-lamp', quantity: 1 } });
  expect([order.status, JSON.parse(order.body)]).toEqual([201, expect.objectContaining({ state: 'paid' })]);

  // What is not declared: a call in plain text, and one as `web` of what its edge is not for.
  const plain = await ask(shop.pod('catalog-0').ports[0]?.at ?? 0, '/products');
  expect([plain.status, plain.body]).toEqual([403, expect.stringContaining('<caller>.calls(catalog)')]);
  const orders = shop.pod('web-0').upstreams.find(({ name }) => name === 'orders.backoffice');
  const other = await ask(orders?.at ?? 0, '/healthz');
  expect([other.status, other.body]).toEqual([
    403,
    expect.stringMatching(
      /^spiffe:\/\/shop\.example\/ns\/storefront\/sa\/web may not call orders\.backoffice.*GET \/healthz.*web\.calls\(orders\)/,
    ),
  ]);

  // Edits under load. Each page must be whole: it says so where one of the services behind it could not be reached.
  const load = new Load(
    shop.entrance,
    '/products/desk-lamp',
    shopHost,
    ({ status, body }) => status === 200 && !/unavailable|cannot be reached/i.test(body),
  );
  const processes = shop.state.groups.map(({ pid }) => pid);
  let from = shop.output.length;
  edit("HeaderMatch.exact('x-tester', 'yes')", "PathMatch.prefix('/')");
  expect(await shop.says(/live after \d+ ms/, from)).toContain('route storefront/reviews');
  expect((await ask(shop.entrance, '/products/desk-lamp', { headers: shopHost })).body).toContain('reviews/v2@');
  expect(shop.state.groups.map(({ pid }) => pid)).toEqual(processes);

  from = shop.output.length;
  edit('steps: [5, 25, 50]', 'steps: [50, 25]');
  expect(await shop.says('the mesh runs on as it was', from)).toMatch(/error: MESH\d+ storefront\/reviews-v2: .*50/);
  edit('steps: [50, 25]', 'steps: [5, 25, 50]');

  // A new service, and a caller that must learn of it: its successor takes over.
  from = shop.output.length;
  edit(
    "const v1 = version('v1');",
    "const advice = new Service(storefront, 'advice', { port: http(8081), image: 'a:1' });\nconst v1 = version('v1');",
  );
  edit('web.calls(catalog);', 'web.calls(catalog);\nweb.calls(advice);');
  expect(await shop.says(/live after \d+ ms.*advice added/, from)).toContain('service storefront/advice added');
  await shop.stateIs(({ pods }) => pods.every(({ ready }) => ready) && !pods.some(({ name }) => name === 'web-0'));
  expect(shop.pod('web-0.1').upstreams.map(({ name }) => name)).toContain('advice');

  // And gone again.
  from = shop.output.length;
  edit('web.calls(catalog);\nweb.calls(advice);', 'web.calls(catalog);');
  edit("const advice = new Service(storefront, 'advice', { port: http(8081), image: 'a:1' });\n", '');
  await shop.says(/live after \d+ ms.*service storefront\/advice removed/, from);
  await shop.stateIs(
    ({ pods }) => pods.every(({ ready }) => ready) && !pods.some(({ name }) => /advice|web-0\.1/.test(name)),
  );
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.asked).toBeGreaterThan(100);

  // What dies is started again.
  const envoy = Number(processesWith(`${shop.folder}/catalog-0/`)[0]?.trim().split(' ')[0]);
  const application = Number(
    processesWith('services/ratings.ts')
      .find((line) => shop.state.groups.some(({ pid }) => line.trim().startsWith(`${pid} `)))
      ?.trim()
      .split(' ')[0],
  );
  from = shop.output.length;
  process.kill(envoy, 'SIGKILL');
  process.kill(application, 'SIGKILL');
  await shop.says('ratings-0 was ended by SIGKILL; it is started again at once', from);
  await shop.says('the Envoy of catalog-0 was ended by SIGKILL; it is started again at once', from);
  await shop.stateIs(
    ({ pods }) => pods.every(({ ready }) => ready) && pods.filter(({ restarts }) => restarts === 1).length === 2,
  );
  const status = meshwright('status', '--mesh', 'shop');
  expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/storefront\/ratings .* ready, 1 restart\n/)]);
  await untilRight(() =>
    ask(shop.entrance, '/products/desk-lamp', { headers: { ...shopHost, 'x-tester': 'yes' } }).then(({ body }) =>
      /32 ratings/.test(body),
    ),
  );
  const routes = meshwright('config', 'storefront/web', '--kind', 'routes');
  expect(routes.stdout).toMatch(/# storefront\/web-0\.2 of mesh shop\nroutes:\n {2}- name: /);
  expect(meshwright('config', 'storefront/web').stdout).not.toContain('PRIVATE KEY');

  const { folder } = up;
  const groups = shop.state.groups.map(({ pid }) => pid);
  shop.signal('SIGINT');
  expect(await shop.exited).toBe(0);
  expect(shop.output).toMatch(/ended; nothing is left\n$/);
  expect(existsSync(folder)).toBe(false);
  expect([...processesWith(folder), ...processesWith(program)]).toEqual([]);
  expect(groups.filter((group) => livingGroups().has(group))).toEqual([]);
});

/** Bounded by the test's own time. */
async function untilRight(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false)));
}
