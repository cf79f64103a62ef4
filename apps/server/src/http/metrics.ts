import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What `/metrics` shows. */
export class Metrics {
  readonly registry = new Registry()
  readonly requests = new Histogram({
    name: 'parley_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['area', 'method', 'status'] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  })
  readonly graphRefusals = new Counter({
    name: 'parley_graph_refusals_total',
    help: 'Refused Graph requests by status',
    labelNames: ['status'] as const,
    registers: [this.registry],
  })
  readonly meetings = new Counter({
    name: 'parley_meeting_changes_total',
    help: 'Meetings created, updated and deleted',
    labelNames: ['kind'] as const,
    registers: [this.registry],
  })

  readonly asks = new Counter({
    name: 'parley_door_asks_total',
    help: 'People who asked to come in, by way and first outcome',
    labelNames: ['way', 'outcome'] as const,
    registers: [this.registry],
  })
  readonly codeTries = new Counter({
    name: 'parley_door_code_tries_total',
    help: 'Meeting codes and passcodes tried at the door',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  })
  readonly passcodeTries = new Counter({
    name: 'parley_dialin_passcode_tries_total',
    help: 'Passcodes keyed in on the telephone',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  })
  readonly calls = new Counter({
    name: 'parley_dialin_calls_total',
    help: 'Telephone calls by how they ended or why they were refused',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'parley_' })
  }
}
