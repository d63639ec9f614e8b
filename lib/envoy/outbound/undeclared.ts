import { Identity } from '../../model';
import type { Context } from '../context';
import type { VirtualHost } from '../types';

/** The answer to a call that no edge declares, in the words of its callee's own: which line is missing. */
export function undeclaredCall({ identity, model }: Context): VirtualHost {
  const caller = Identity.key(identity);
  const text = `${caller} may not call %REQ(:AUTHORITY)% at %DOWNSTREAM_LOCAL_ADDRESS%: no edge of mesh ${model.mesh.name} declares it; declare it: ${identity.serviceAccount}.calls(…)\n`;
  return {
    name: 'undeclared',
    domains: ['*'],
    routes: [
      {
        name: 'undeclared',
        match: { prefix: '/' },
        directResponse: { status: 403, bodyFormat: { textFormatSource: { inlineString: text } } },
      },
    ],
  };
}
