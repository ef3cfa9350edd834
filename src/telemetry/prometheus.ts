/**
 * Of the Prometheus client, counters, gauges, histograms and their registry. Its index loads the push gateway, clusters and
 * OpenTelemetry's API as well: a twentieth of what starting costs, for nothing that is used here.
 */
import { createRequire } from 'node:module'
import type client from '@prometheus-io/client'

const require = createRequire(import.meta.url)

export const Counter: typeof client.Counter = require('@prometheus-io/client/lib/counter.js')
export const Gauge: typeof client.Gauge = require('@prometheus-io/client/lib/gauge.js')
export const Histogram: typeof client.Histogram = require('@prometheus-io/client/lib/histogram.js')
export const Registry: typeof client.Registry = require('@prometheus-io/client/lib/registry.js')
