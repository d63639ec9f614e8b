import type { App } from 'cdk8s';
import { http, Mesh, Service } from 'meshwright';
import { teamCharts } from './teams';

/** A mesh of so many services, each of which calls five others: four near ones and one of another team. */
export function declareMesh(app: App, count: number): void {
  new Mesh(app, 'mesh', { trustDomain: 'bench.example' });
  const chartOf = teamCharts(app, count);
  const services = Array.from({ length: count }, (_, index) => {
    return new Service(chartOf(index), `service-${index}`, {
      port: http(8080),
      image: `bench/service-${index}:1.0`,
      replicas: 2,
    });
  });
  for (const [index, service] of services.entries()) {
    for (const step of [1, 2, 3, 4, Math.max(5, Math.floor(count / 2))]) {
      const callee = services[(index + step) % count];
      if (callee && callee !== service) service.calls(callee);
    }
  }
}
