/** What the agent is told of where it runs: its API server, and which pod it is itself. */
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { AffiantError } from '../../errors.ts'
import type { ApiServerOptions } from './api/api-server.ts'
import { inCluster, type KubernetesReceiverConfig } from './config.ts'
import type { OwnPod } from './selection/selection.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** @throws AffiantError `config_invalid` where nobody says where it is */
export function apiServerOf(
  receiver: string,
  { url, token, ca }: KubernetesReceiverConfig['api'],
  environment: Environment = process.env,
): ApiServerOptions {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (url === undefined && (host === undefined || host === '')) {
    throw new AffiantError('config_invalid', `receivers.${receiver}: nobody says where the API server is`, {
      hint: 'in a pod KUBERNETES_SERVICE_HOST does; elsewhere set `api: { url: … }`',
    })
  }
  const named = host?.includes(':') ? `[${host}]` : host
  return {
    url: url ?? `https://${named}:${port}`,
    token: token ?? ifThere(inCluster.token),
    ca: ca ?? ifThere(inCluster.ca),
  }
}

/** @throws AffiantError `config_invalid` */
export function nodeOf(receiver: string, { node }: KubernetesReceiverConfig): string {
  if (node !== undefined) return node
  throw new AffiantError('config_invalid', `receivers.${receiver}: nobody says which node this is`, {
    hint: 'set NODE_NAME by the downward API (fieldPath: spec.nodeName), or `node`',
  })
}

/**
 * By the downward API (POD_NAME, POD_NAMESPACE, POD_UID); otherwise by the name of the host, which in a pod is its own, and
 * the namespace of the service account.
 */
export function ownPod(environment: Environment = process.env, host: string = hostname()): OwnPod {
  const { POD_NAME: pod, POD_NAMESPACE: namespace, POD_UID: uid } = environment
  const mounted = ifThere(inCluster.namespace)
  return {
    pod: pod || host,
    namespace: namespace || (mounted === undefined ? undefined : readFileSync(mounted, 'utf8').trim()),
    pod_uid: uid || undefined,
  }
}

const ifThere = (path: string): string | undefined => (existsSync(path) ? path : undefined)
