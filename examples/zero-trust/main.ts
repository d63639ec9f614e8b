import { App, Chart } from 'cdk8s';
import {
  AccessPolicy,
  AccessRule,
  allOf,
  ExternalService,
  Gateway,
  grpc,
  http,
  https,
  Mesh,
  MethodMatch,
  OutsideFrom,
  PathMatch,
  Service,
  Source,
  Workload,
} from 'meshwright';

// Nothing may call anything but what is written here; pods cannot even connect to what they do not call.
const app = new App();
new Mesh(app, 'bank', { trustDomain: 'bank.example', networkPolicies: 'declared' });

const front = new Chart(app, 'front', { namespace: 'front' });
const core = new Chart(app, 'core', { namespace: 'core' });

const portal = new Service(front, 'portal', { port: http(3000), image: 'bank/portal:4.2', replicas: 2 });
const accounts = new Service(core, 'accounts', { port: http(8080), image: 'bank/accounts:7.0', replicas: 3 });
const ledger = new Service(core, 'ledger', { port: grpc(9000), image: 'bank/ledger:7.0', replicas: 3 });
const audit = new Workload(core, 'audit', { image: 'bank/audit:1.3', schedule: '0 3 * * *' });

portal.calls(accounts, {
  only: [PathMatch.prefix('/v1/accounts'), allOf(PathMatch.exact('/v1/transfers'), MethodMatch.post)],
});
accounts.calls(ledger, { timeout: '2s', only: [{ service: 'bank.ledger.v1.Ledger' }] });
audit.calls(ledger, { only: [{ service: 'bank.ledger.v1.Ledger', method: 'Export' }] });

// Keys of the issuer are fetched by the sidecar, so it is declared like any other call.
new ExternalService(core, 'login', { host: 'login.bank.example', port: https() });
new AccessPolicy(core, 'accounts-users', {
  service: accounts,
  jwt: [
    {
      issuer: 'https://login.bank.example',
      audiences: ['accounts'],
      keys: { uri: 'https://login.bank.example/.well-known/jwks.json' },
    },
  ],
  rules: [
    // Transfers need a token of a customer who has proven more than a password.
    AccessRule.allow({ from: [portal], requests: [PathMatch.exact('/v1/transfers')], claims: { acr: 'mfa' } }),
    AccessRule.deny({ requests: [PathMatch.prefix('/v1/admin')] }),
    // What this would refuse is only counted, until it is sure that nothing needs it.
    AccessRule.deny({ shadow: true, requests: [PathMatch.prefix('/v0')] }),
  ],
  outsidePorts: [{ port: 9464, from: [OutsideFrom.namespace('monitoring')] }],
});
new AccessPolicy(core, 'ledger-batch', {
  service: ledger,
  rules: [AccessRule.deny({ from: [Source.namespace('front')] })],
});

new Gateway(front, 'public', { hosts: ['portal.bank.example'], tls: { secret: 'portal-tls' } }).addRoute({
  to: portal,
});

app.synth();
