import * as pulumi from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { disconnect, setMockOptions } from '@pulumi/pulumi/runtime/settings.js';

/** What a program asked Pulumi's engine to make. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whole Kubernetes objects
  readonly inputs: any;
  readonly dependencies: readonly string[];
  readonly retainOnDelete: boolean;
  readonly version: string;
  readonly provider: string;
  readonly protect: boolean;
  /** How many registrations had ended when this one came. */
  readonly after: number;
  /** Position at which it ended. */
  ended: number;
}

export interface Deployment<T> {
  readonly result: T;
  readonly registered: readonly Registered[];
  /** Outputs that components registered, by URN. */
  readonly outputs: ReadonlyMap<string, { readonly [name: string]: unknown }>;
}

/**
 * Runs a Pulumi program against an engine that answers each registration a moment later, and keeps what the program asked
 * for: dependencies, too, which Pulumi's own mocks do not tell.
 */
export async function deploy<T>(program: () => T | Promise<T>, preview = false): Promise<Deployment<T>> {
  const engine = new Engine({
    newResource: async ({ name, inputs, custom }) => {
      await new Promise((later) => setImmediate(later));
      return { id: custom ? `${name}-id` : undefined, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
  await pulumi.runtime.setMocks(engine.mocks, 'project', 'stack', preview);
  setMockOptions(engine, 'project', 'stack', preview);
  let result: T;
  try {
    result = await program();
  } finally {
    await disconnect();
  }
  return { result, registered: engine.registered, outputs: engine.outputs };
}

class Engine extends MockMonitor {
  readonly registered: Registered[] = [];
  readonly outputs = new Map<string, { readonly [name: string]: unknown }>();
  private ended = 0;

  override async registerResource(request: Request, answer: Answer): Promise<void> {
    const registered: Registered = {
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      parent: request.getParent(),
      inputs: request.getObject().toJavaScript(),
      dependencies: request.getDependenciesList(),
      retainOnDelete: request.getRetainondelete(),
      version: request.getVersion(),
      provider: request.getProvider(),
      protect: request.getProtect(),
      after: this.ended,
      ended: -1,
    };
    this.registered.push(registered);
    await super.registerResource(request, (error: unknown, response: unknown) => {
      registered.ended = this.ended++;
      answer(error, response);
    });
  }

  override registerResourceOutputs(request: OutputsRequest, answer: Answer): void {
    this.outputs.set(request.getUrn(), request.getOutputs().toJavaScript() as { [name: string]: unknown });
    super.registerResourceOutputs(request, answer);
  }
}

type Answer = (error: unknown, response: unknown) => void;

interface Struct {
  toJavaScript(): unknown;
}

interface Request {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getObject(): Struct;
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
  getVersion(): string;
  getProvider(): string;
  getProtect(): boolean;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): Struct;
}
