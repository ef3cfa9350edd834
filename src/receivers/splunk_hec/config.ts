/** `receivers.<name>` with `type: splunk_hec`. */
import { z } from 'zod'
import { address } from '../../config/values.ts'
import { certificatesAreAsked, tokenAuth } from '../server/auth-config.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../server/config.ts'
import { corsMember } from '../server/cors-config.ts'
import { textRecordConfig } from '../server/record-config.ts'

export const splunkHecReceiverConfig = z
  .strictObject({
    type: z.literal('splunk_hec'),
    listen: address().prefault('127.0.0.1:8088').describe('Address; port 0 lets the system choose'),
    acknowledge: z
      .boolean()
      .default(false)
      .describe(
        'As of a token with indexer acknowledgement: every request names its channel, and is answered with an ackId to ask about',
      ),
    query_token: z
      .boolean()
      .default(false)
      .describe('Take tokens from the query string (?token=…) as well, where logs of proxies keep them'),
    ...corsMember,
    ...listenerConfig,
    ...serverConfig,
    auth: tokenAuth,
    ...textRecordConfig('json'),
  })
  .refine(roomForInflating.check, roomForInflating)
  .refine(certificatesAreAsked.check, certificatesAreAsked)

export type SplunkHecReceiverConfig = z.infer<typeof splunkHecReceiverConfig>
