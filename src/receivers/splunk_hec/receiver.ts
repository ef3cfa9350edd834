/** The `splunk_hec` receiver: what applications send to Splunk's HTTP Event Collector, acknowledged after the commit. */
import { createHttpReceiver, type HttpReceiver } from '../server/http-receiver.ts'
import type { ReceiverOptions } from '../server/receiver-options.ts'
import type { SplunkHecReceiverConfig } from './config.ts'
import { hec } from './protocol.ts'

export function createSplunkHecReceiver(options: ReceiverOptions<SplunkHecReceiverConfig>): HttpReceiver {
  const { config, intake } = options
  return createHttpReceiver(options, {
    name: 'splunk_hec',
    shown: "Splunk's HTTP Event Collector",
    speak: (stream) =>
      hec({
        stream,
        acknowledge: config.acknowledge,
        queryToken: config.query_token,
        maxRecord: config.max_record,
        pressure: () => intake.pressure(),
      }),
  })
}
