/** The `http` receiver: records that applications post, acknowledged after the commit. */
import { createHttpReceiver, type HttpReceiver, type HttpReceiverOptions } from '../server/http-receiver.ts'
import type { HttpReceiverConfig } from './config.ts'
import { recordsOverHttp } from './protocol.ts'

export const createPostReceiver = (options: HttpReceiverOptions<HttpReceiverConfig>): HttpReceiver =>
  createHttpReceiver(options, {
    name: 'http',
    shown: 'HTTP',
    speak: (stream) => recordsOverHttp(options.config.path, stream),
  })
