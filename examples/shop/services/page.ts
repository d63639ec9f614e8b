import type { Order } from './orders';
import type { Product } from './products';
import type { Reviews } from './reviews';

/** What the reviews service has said of a product and which copy of it, or why nothing is known. */
export type Opinion = (Reviews & { readonly servedBy: string }) | { readonly unavailable: string };

export function frontPage(
  shelf: readonly { readonly product: Product; readonly opinion: Opinion }[],
  servedBy: string,
): string {
  return page(
    'Fine things, plainly made',
    html`<ul class="shelf">
      ${shelf.map(
        ({ product, opinion }) => html`<li>
          <a class="card" href="/products/${encodeURIComponent(product.id)}">
            ${picture(product)}
            <h2>${product.name}</h2>
            ${stars(opinion)}
            <p class="price">${money(product.price)}</p>
          </a>
        </li>`,
      )}
    </ul>`,
    [servedBy, ...new Set(shelf.flatMap(({ opinion }) => ('servedBy' in opinion ? [opinion.servedBy] : [])))],
  );
}

export function productPage(product: Product, opinion: Opinion, servedBy: string): string {
  const quotes = 'reviews' in opinion ? opinion.reviews : [];
  return page(
    product.name,
    html`<div class="product">
      ${picture(product)}
      <div>
        ${stars(opinion)}
        <p>${product.description}</p>
        <p class="price">${money(product.price)}</p>
        <form method="post" action="/orders">
          <input type="hidden" name="product" value="${product.id}">
          <label>Quantity <input type="number" name="quantity" value="1" min="1" max="10"></label>
          <button>Order</button>
        </form>
        ${quotes.map(({ author, text }) => html`<blockquote>${text}<footer>${author}</footer></blockquote>`)}
      </div>
    </div>`,
    [servedBy, ...('servedBy' in opinion ? [opinion.servedBy] : [])],
  );
}

export function orderPage(order: Order, servedBy: string): string {
  const outcome = { paid: 'It is paid.', unpaid: 'It could not be paid.', waiting: 'It is being paid.' }[order.state];
  return page(
    `Order ${order.number}`,
    html`<p>${order.quantity} × ${order.product}, ${money(order.total)}. ${outcome}</p>
      <p><a href="/">Back to the shelf</a></p>`,
    [servedBy],
  );
}

export function errorPage(status: number, error: string): string {
  return page(
    status < 500 ? 'That did not work' : 'Something behind this page is not well',
    html`<p class="error">${error}</p>
      <p><a href="/">Back to the shelf</a></p>`,
    [],
  );
}

/** Markup that is safe to put into a page as it is. */
class Markup {
  constructor(readonly text: string) {}
}

/** Everything that is put into it is text, and escaped, unless it was made by `html` itself. */
function html(
  strings: TemplateStringsArray,
  ...values: readonly (Markup | readonly Markup[] | string | number)[]
): Markup {
  const parts = values.map((value) =>
    [value]
      .flat()
      .map((part) => (part instanceof Markup ? part.text : escaped(String(part))))
      .join(''),
  );
  return new Markup(String.raw({ raw: strings }, ...parts));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function stars(opinion: Opinion): Markup {
  if ('unavailable' in opinion) return html`<p class="stars quiet" title="${opinion.unavailable}">Reviews are away</p>`;
  const { rating } = opinion;
  if (rating === undefined) return html`<p class="stars quiet">Reviews ${opinion.version}</p>`;
  if (rating === null) return html`<p class="stars quiet">Not rated yet</p>`;
  if ('unavailable' in rating) return html`<p class="stars quiet" title="${rating.unavailable}">Stars are away</p>`;
  const label = `${rating.stars.toFixed(1)} of 5 stars, ${rating.count} ratings`;
  const full = Math.round(rating.stars);
  return html`<p class="stars" role="img" aria-label="${label}" title="${label}">
    ${'★'.repeat(full)}<span class="unlit">${'★'.repeat(5 - full)}</span> ${rating.stars.toFixed(1)} <small>(${rating.count})</small>
  </p>`;
}

function picture({ icon }: Product): Markup {
  return html`<svg class="picture" viewBox="0 0 24 24" aria-hidden="true"><path d="${icon}"/></svg>`;
}

function money(cents: number): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(cents / 100);
}

function page(title: string, content: Markup, servedBy: readonly string[]): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Shop</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<header><a href="/">Shop</a></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer>${servedBy.map((name) => html`<span>${name}</span>`)}</footer>
</html>
`.text;
}

const style = new Markup(`
:root {
  --paper: #faf7f2; --card: #fff; --ink: #26221d; --quiet: #746b60; --line: #e6dfd4; --accent: #a8481f; --tint: #f3e9dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191715; --card: #23201d; --ink: #efe9e1; --quiet: #a79c8e; --line: #38332d; --accent: #f0955f; --tint: #2e2822;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header, main, body > footer { max-width: 64rem; margin: 0 auto; padding: 1rem 1.25rem; }
header a { color: var(--accent); font-weight: 700; text-decoration: none; }
h1, h2 { font-family: Georgia, serif; font-weight: 500; line-height: 1.2; }
h1 { font-size: clamp(1.75rem, 6vw, 2.5rem); margin: 0 0 1.5rem; }
h2 { font-size: 1.2rem; margin: 0.75rem 0 0.25rem; }
a { color: var(--accent); }
.shelf { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 100%), 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
@media (min-width: 40rem) { .shelf { grid-template-columns: repeat(3, 1fr); gap: 1.5rem; } }
.card { display: block; height: 100%; padding: 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; color: inherit; text-decoration: none; }
.card:hover, .card:focus-visible { border-color: var(--accent); }
.picture { display: block; width: 100%; aspect-ratio: 4 / 3; padding: 12%; background: var(--tint); border-radius: 8px; fill: none; stroke: var(--accent); stroke-width: 2.5px; stroke-linecap: round; stroke-linejoin: round; }
.picture path { vector-effect: non-scaling-stroke; }
.stars { margin: 0; color: var(--accent); }
.quiet { color: var(--quiet); }
.unlit { opacity: 0.3; }
small { color: var(--quiet); font-size: 0.8rem; }
.price { margin: 0.25rem 0 0; font-weight: 600; }
.product { display: grid; gap: 1.5rem; }
@media (min-width: 40rem) { .product { grid-template-columns: 1fr 1fr; } }
form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin: 1.25rem 0; }
input, button { font: inherit; padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit; }
input[type=number] { width: 5rem; }
button { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; cursor: pointer; }
blockquote { margin: 1rem 0 0; padding-left: 1rem; border-left: 3px solid var(--line); }
blockquote footer { color: var(--quiet); font-size: 0.875rem; }
.error { padding: 1rem; background: var(--tint); border-radius: 8px; overflow-wrap: anywhere; }
body > footer { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; color: var(--quiet); font: 0.75rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
`);
