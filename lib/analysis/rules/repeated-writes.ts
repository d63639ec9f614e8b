import type { Edge } from '../../model';
import { repeatsHandled } from '../calls';
import { edgeLocator } from '../parts';
import type { Finding, Rule } from '../rule';

/** https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods */
const notIdempotent: ReadonlySet<string> = new Set(['POST', 'PATCH']);

export const repeatedWrites: Rule = {
  code: 'MESH0332',
  level: 'warning',
  summary: 'requests that are not idempotent are not sent twice to an application',
  check: ({ model }) =>
    model.edges.flatMap((edge): readonly Finding[] => {
      const method = writes(edge);
      if (method === undefined) return [];
      const at = edgeLocator(edge);
      const findings: Finding[] = [];
      if (edge.hedging) {
        findings.push({
          at,
          message: `\`hedging\` sends a slow ${method} a second time while the first is being handled, and ${method} is not idempotent`,
          fix: `leave \`hedging\` out, or take ${method} out of \`only\``,
        });
      }
      if (edge.retries && edge.retries.attempts > 0 && repeatsHandled(edge.retries)) {
        findings.push({
          at,
          message: `\`retries\` send a ${method} again that the application may have handled, and ${method} is not idempotent`,
          fix: 'leave `retries.on` and `retries.statuses` out: then only what has not reached the application is tried again',
        });
      }
      return findings;
    }),
};

function writes(edge: Edge): string | undefined {
  const methods = edge.only.flatMap((match) => (match.kind === 'http' && match.method ? [match.method] : []));
  return methods.find((method) => notIdempotent.has(method));
}
