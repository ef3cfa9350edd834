/** The process in numbers, under the names that Prometheus dashboards know. Read when scraped, not kept. */
import { readdirSync } from 'node:fs'
import type { Registry } from '@prometheus-io/client'
import { Counter, Gauge } from './prometheus.ts'

export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry]
  const started = Date.now() / 1000 - process.uptime()
  let utilization = performance.eventLoopUtilization()

  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time, all threads',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read()
        if (value !== undefined) this.set(value)
      },
    })
  gauge('process_start_time_seconds', 'When the process started, unix time', () => started)
  gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
  gauge('process_open_fds', 'Open file descriptors', countDescriptors)
  gauge('nodejs_heap_size_used_bytes', 'Heap of the main thread in use', () => process.memoryUsage().heapUsed)
  gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers outside the heap',
    () => process.memoryUsage().external,
  )
  gauge(
    'nodejs_eventloop_utilization',
    'Share of time the main thread was busy since the last scrape',
    () => {
      const now = performance.eventLoopUtilization()
      const since = performance.eventLoopUtilization(now, utilization)
      utilization = now
      return since.utilization
    },
  )
}

function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
