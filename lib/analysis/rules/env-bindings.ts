import { Identity } from '../../model';
import { variable } from '../form';
import { callerName, edgeLocator, shown } from '../parts';
import type { Finding, Rule } from '../rule';

export const envBindings: Rule = {
  code: 'MESH0324',
  level: 'error',
  summary: 'the variables that tell a caller where its callees are have legal names, and each is set once',
  check: (context) => {
    const owners = new Map<string, string>();
    return context.model.edges.flatMap((edge) =>
      edge.env.flatMap(({ name }): readonly Finding[] => {
        const at = edgeLocator(edge);
        const refusal = variable(name);
        if (refusal !== undefined) {
          return [
            { at, message: `\`env\` names ${JSON.stringify(name)}: ${refusal}`, fix: 'choose another name in `env`' },
          ];
        }
        const key = `${Identity.key(edge.from)} ${name}`;
        const callee = `${shown(edge.to, edge.from.namespace)} on port ${edge.port}`;
        const other = owners.get(key);
        owners.set(key, other ?? callee);
        if (other === undefined) return [];
        return [
          {
            at,
            message: `\`env\` of the call of ${callee} sets ${name} of ${callerName(context, edge)}, which the call of ${other} sets as well`,
            fix: 'name another variable in one of the two `env`',
          },
        ];
      }),
    );
  },
};
