/** `receivers.<name>` with `type: http`. */
import { z } from 'zod'
import { address } from '../../config/values.ts'
import { certificatesAreAsked } from '../server/auth-config.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../server/config.ts'
import { corsMember } from '../server/cors-config.ts'
import { duplicatesConfig } from '../server/duplicates-config.ts'
import { textRecordConfig } from '../server/record-config.ts'

export const httpReceiverConfig = z
  .strictObject({
    type: z.literal('http'),
    listen: address().prefault('127.0.0.1:8480').describe('Address; port 0 lets the system choose'),
    path: z
      .string()
      .regex(/^\/[A-Za-z0-9._~/-]*$/, 'a path, as in /audit')
      .default('/')
      .describe('Where records are posted to'),
    ...corsMember,
    ...listenerConfig,
    ...serverConfig,
    duplicates: duplicatesConfig,
    ...textRecordConfig('json'),
  })
  .refine(roomForInflating.check, roomForInflating)
  .refine(certificatesAreAsked.check, certificatesAreAsked)

export type HttpReceiverConfig = z.infer<typeof httpReceiverConfig>
