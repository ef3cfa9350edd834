/** `receivers.<name>` with `type: kubernetes_audit`. */
import { z } from 'zod'
import { address } from '../../config/values.ts'
import { certificatesAreAsked } from '../server/auth-config.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../server/config.ts'
import { duplicatesConfig } from '../server/duplicates-config.ts'
import { textRecordConfig } from '../server/record-config.ts'

export const kubernetesAuditReceiverConfig = z
  .strictObject({
    type: z.literal('kubernetes_audit'),
    listen: address().prefault('127.0.0.1:8481').describe('Address; port 0 lets the system choose'),
    path: z
      .string()
      .regex(/^\/[A-Za-z0-9._~/-]*$/, 'a path, as in /audit')
      .default('/')
      .describe("The path of the server's URL in the API server's webhook configuration"),
    ...listenerConfig,
    ...serverConfig,
    duplicates: duplicatesConfig,
    ...textRecordConfig('kubernetes'),
  })
  .refine(roomForInflating.check, roomForInflating)
  .refine(certificatesAreAsked.check, certificatesAreAsked)

export type KubernetesAuditReceiverConfig = z.infer<typeof kubernetesAuditReceiverConfig>
