/** Streams that are open, and whose they are. */
export class OpenStreams<Stream extends { end(): void }> {
  private readonly byKey = new Map<string, Set<Stream>>();

  /** @param most streams of one client: one more ends its oldest, which as a rule is one whose end was not noticed */
  constructor(private readonly most: number) {}

  add(key: string, stream: Stream): void {
    const ofClient = this.byKey.get(key) ?? new Set<Stream>();
    this.byKey.set(key, ofClient.add(stream));
    if (ofClient.size <= this.most) return;
    const [oldest] = ofClient;
    if (!oldest) return;
    ofClient.delete(oldest);
    oldest.end();
  }

  delete(key: string, stream: Stream): void {
    const ofClient = this.byKey.get(key);
    ofClient?.delete(stream);
    if (ofClient?.size === 0) this.byKey.delete(key);
  }

  all(): Stream[] {
    return [...this.byKey.values()].flatMap((ofClient) => [...ofClient]);
  }
}
