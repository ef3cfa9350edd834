/** The `kubernetes_audit` receiver: the webhook backend of API servers, acknowledged after the commit. */
import { createHttpReceiver, type HttpReceiver } from '../server/http-receiver.ts'
import type { ReceiverOptions } from '../server/receiver-options.ts'
import type { KubernetesAuditReceiverConfig } from './config.ts'
import { auditWebhook } from './protocol.ts'

export const createKubernetesAuditReceiver = (
  options: ReceiverOptions<KubernetesAuditReceiverConfig>,
): HttpReceiver =>
  createHttpReceiver(options, {
    name: 'kubernetes_audit',
    shown: "Kubernetes' audit webhook",
    speak: (stream) => auditWebhook(options.config.path, options.config.max_record, stream),
  })
