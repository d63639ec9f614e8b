import { type Labels, type Model, names, order, type Workload } from '../../model';
import type { Manifest } from '../manifest';
import { kinds, object, refOf } from './object';
import type { Observed } from './observed';
import { capture } from './parts/capture';
import { fromJson, toJson } from './parts/json';
import { localProcess } from './parts/local-process';
import type { Reader } from './shape';

const { keys } = names;

/** The identities of services and workloads; that of a workload carries its declaration, because it has no Service. */
export function encodeServiceAccounts(model: Model): readonly Manifest[] {
  const accounts = model.services.map(({ namespace, serviceAccount }) =>
    object(model, kinds.serviceAccount, { namespace, name: serviceAccount }, {}),
  );
  return [...accounts, ...model.workloads.map((workload) => workloadAccount(model, workload))];
}

function workloadAccount(model: Model, workload: Workload): Manifest {
  const { namespace, serviceAccount, name, selector, local } = workload;
  const annotations = {
    [keys.workload]: name,
    [keys.workloadSelector]: selectorText(selector),
    ...(workload.capture ? { [keys.capture]: toJson(capture, workload.capture) } : {}),
    ...(local ? { [keys.local]: toJson(localProcess, local) } : {}),
  };
  return object(model, kinds.serviceAccount, { namespace, name: serviceAccount }, {}, { annotations });
}

export function decodeWorkloads(observed: Observed): readonly Workload[] {
  const accounts = observed
    .core('ServiceAccount')
    .filter(
      ({ metadata }) =>
        metadata.labels?.[keys.mesh] !== undefined && metadata.annotations?.[keys.workload] !== undefined,
    );
  return observed.readAll(accounts, (manifest, reader) => {
    const { namespace, name: serviceAccount } = refOf(manifest);
    const annotations = manifest.metadata.annotations ?? {};
    const at = (key: string) => reader.at('metadata').at('annotations').at(key);
    const captured = annotations[keys.capture];
    const local = annotations[keys.local];
    return {
      namespace,
      name: annotations[keys.workload] ?? '',
      serviceAccount,
      selector: selectorOf(annotations[keys.workloadSelector] ?? '', at(keys.workloadSelector)),
      ...(captured === undefined ? {} : { capture: fromJson(capture, captured, at(keys.capture)) }),
      ...(local === undefined ? {} : { local: fromJson(localProcess, local, at(keys.local)) }),
    };
  });
}

/** `app=a,tier=b`; no character of it can be in a label. */
function selectorText(selector: Labels): string {
  return Object.keys(selector)
    .sort(order)
    .map((key) => `${key}=${selector[key]}`)
    .join(',');
}

function selectorOf(text: string, reader: Reader): Labels {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((pair): [string, string] => {
      const [key = '', value, ...more] = pair.split('=');
      if (key === '' || value === undefined || more.length > 0)
        return reader.wrong('labels such as app=a,tier=b', text);
      return [key, value];
    }),
  );
}
