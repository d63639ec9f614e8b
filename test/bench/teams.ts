import { type App, Chart } from 'cdk8s';

/** Services of one team share a chart and a namespace. */
const teamSize = 100;

/** The chart of each of so many services. */
export function teamCharts(app: App, services: number): (service: number) => Chart {
  const charts = Array.from({ length: Math.ceil(services / teamSize) }, (_, team) => {
    const namespace = `team-${team}`;
    return new Chart(app, namespace, { namespace });
  });
  return (service) => charts[Math.floor(service / teamSize)] as Chart;
}
