import type { Changes, Client, Report, Resource, ResourceMap } from '../../../proxy/xds';

/** What a test serves, the same to every client that connects; {@link Served.set} changes it for all of them at once. */
export class Served {
  private maps = new Map<string, ResourceMap>();
  private readonly clients = new Set<ServedClient>();
  /** All reports of all clients, in the order in which they came. */
  readonly reports: (Report & { readonly key: string })[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(resources: readonly Resource[] = []) {
    this.set(resources);
  }

  /** Replaces everything, and tells what differs. */
  set(resources: readonly Resource[]): void {
    const next = new Map<string, Map<string, Resource>>();
    for (const resource of resources) {
      const ofType = next.get(resource.typeUrl) ?? new Map<string, Resource>();
      next.set(resource.typeUrl, ofType.set(resource.name, resource));
    }
    const changes = differences(this.maps, next);
    this.maps = next;
    if (changes.size > 0) for (const client of this.clients) client.changed(changes);
  }

  get typeUrls(): Iterable<string> {
    return this.maps.keys();
  }

  resources(typeUrl: string): ResourceMap {
    return this.maps.get(typeUrl) ?? new Map();
  }

  /** Clients that are connected. */
  get connected(): number {
    return this.clients.size;
  }

  client(key: string): Client {
    const client = new ServedClient(key, this, (gone) => this.clients.delete(gone));
    this.clients.add(client);
    return client;
  }

  note(report: Report & { readonly key: string }): void {
    this.reports.push(report);
    for (const check of [...this.waiting]) check();
  }

  /** Waits until a condition holds that reports can make true. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }
}

class ServedClient implements Client {
  changed: (changes: Changes) => void = () => {};

  constructor(
    readonly key: string,
    private readonly served: Served,
    private readonly onClose: (client: ServedClient) => void,
  ) {}

  get typeUrls(): Iterable<string> {
    return this.served.typeUrls;
  }

  resources(typeUrl: string): ResourceMap {
    return this.served.resources(typeUrl);
  }

  watch(listener: (changes: Changes) => void): void {
    this.changed = listener;
  }

  report(report: Report): void {
    this.served.note({ key: this.key, ...report });
  }

  close(): void {
    this.onClose(this);
  }
}

function differences(before: ReadonlyMap<string, ResourceMap>, after: ReadonlyMap<string, ResourceMap>) {
  const changes = new Map<string, Set<string>>();
  for (const typeUrl of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(typeUrl);
    const is = after.get(typeUrl);
    const names = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
    for (const name of names) if (was?.get(name)?.version === is?.get(name)?.version) names.delete(name);
    if (names.size > 0) changes.set(typeUrl, names);
  }
  return changes;
}
