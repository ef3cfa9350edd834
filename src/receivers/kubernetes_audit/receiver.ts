/** The `kubernetes_audit` receiver: the webhook backend of API servers, acknowledged after the commit. */
import { createHttpReceiver, type HttpReceiver, type HttpReceiverOptions } from '../server/http-receiver.ts'
import type { KubernetesAuditReceiverConfig } from './config.ts'
import { auditWebhook } from './protocol.ts'

export const createKubernetesAuditReceiver = (
  options: HttpReceiverOptions<KubernetesAuditReceiverConfig>,
): HttpReceiver =>
  createHttpReceiver(options, {
    name: 'kubernetes_audit',
    shown: "Kubernetes' audit webhook",
    speak: (stream) => auditWebhook(options.config.path, stream),
  })
