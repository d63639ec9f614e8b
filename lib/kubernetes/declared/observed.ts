import { names, order } from '../../model';
import type { Manifest } from '../manifest';
import { gatewayGroup } from './object';
import { type Problem, Reader, Unreadable } from './shape';

/** The objects of a cluster as one mesh sees them: by kind, without those that another mesh has marked as its own. */
export class Observed {
  readonly problems: Problem[] = [];
  private readonly byKind = new Map<string, Manifest[]>();

  constructor(objects: readonly Manifest[]) {
    for (const object of objects) {
      const key = `${groupOf(object)} ${object.kind}`;
      const known = this.byKind.get(key);
      if (known) known.push(object);
      else this.byKind.set(key, [object]);
    }
  }

  /** Leaves out what carries the name of another mesh. */
  keepMesh(mesh: string): void {
    for (const [key, objects] of this.byKind) {
      this.byKind.set(
        key,
        objects.filter(({ metadata }) => (metadata.labels?.[names.keys.mesh] ?? mesh) === mesh),
      );
    }
  }

  /** Objects of the mesh's own kinds. */
  own(kind: string): readonly Manifest[] {
    return this.byKind.get(`${names.apiGroup} ${kind}`) ?? [];
  }

  /** Objects of Gateway API's kinds, of any version: the API server gives each in the version that is asked for. */
  gatewayApi(kind: string): readonly Manifest[] {
    return this.byKind.get(`${gatewayGroup} ${kind}`) ?? [];
  }

  /** Objects of Kubernetes' core kinds. */
  core(kind: string): readonly Manifest[] {
    return this.byKind.get(` ${kind}`) ?? [];
  }

  /** Every namespace in which there is an object, sorted. */
  namespaces(): readonly string[] {
    const named = [...this.byKind.values()]
      .flat()
      .flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : (metadata.namespace ?? [])));
    return [...new Set(named)].sort(order);
  }

  /** Labels of each namespace, sorted by its name; its name is among them, whether it was given as an object or not. */
  namespaceLabels(): readonly (readonly [name: string, labels: { readonly [key: string]: string }])[] {
    const given = new Map(this.core('Namespace').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
    return this.namespaces().map((name) => [name, { 'kubernetes.io/metadata.name': name, ...given.get(name) }]);
  }

  /**
   * Reads an object. One that cannot be read in full is left out as a whole: half of it could mean something that its
   * author never said.
   */
  read<T>(object: Manifest, run: (reader: Reader) => T): T | undefined {
    const reader = this.reader(object);
    try {
      return run(reader);
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }

  /** Reads all objects of a list and leaves out those that cannot be read. */
  readAll<T>(objects: readonly Manifest[], run: (object: Manifest, reader: Reader) => T | undefined): T[] {
    return objects.flatMap((object) => {
      const value = this.read(object, (reader) => run(object, reader));
      return value === undefined ? [] : [value];
    });
  }

  private reader(object: Manifest): Reader {
    const { name, namespace } = object.metadata;
    const shown = `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
    return new Reader((path, message) => this.problems.push({ object: shown, path, message }), namespace ?? 'default');
  }
}

/** `apps/v1` is of group `apps`; `v1` of the core group, which has no name. */
function groupOf({ apiVersion }: Manifest): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
