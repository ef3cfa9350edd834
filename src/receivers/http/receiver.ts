/** The `http` receiver: records that applications post, acknowledged after the commit. */
import { createHttpReceiver, type HttpReceiver } from '../server/http-receiver.ts'
import type { ReceiverOptions } from '../server/receiver-options.ts'
import type { HttpReceiverConfig } from './config.ts'
import { recordsOverHttp } from './protocol.ts'

export const createPostReceiver = (options: ReceiverOptions<HttpReceiverConfig>): HttpReceiver =>
  createHttpReceiver(options, {
    name: 'http',
    shown: 'HTTP',
    speak: (stream) => recordsOverHttp(options.config.path, options.config.max_record, stream),
  })
