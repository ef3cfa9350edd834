/** Configuration of the `kubernetes` receiver. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'
import { type FileReceiverConfig, fileReceiverConfig } from '../file/config.ts'
import { logPatterns } from './log-patterns.ts'
import { selectorProblem } from './selection/selector.ts'

const { shape } = fileReceiverConfig

const text = () => z.string().min(1)

const globs = (what: string) => z.array(text()).default([]).describe(what)

const selector = (what: string) =>
  text()
    .superRefine((given, context) => {
      const message = selectorProblem(given)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .optional()
    .describe(what)

/** From the environment where it is not written: what the downward API puts there. */
const fromEnvironment = (variable: string, what: string) =>
  text()
    .optional()
    .describe(`${what}. Default: the environment variable ${variable}`)
    .transform((given) => given ?? (process.env[variable] || undefined))

const podsConfig = z
  .strictObject({
    namespaces: globs('Globs of namespaces whose pods are followed. Default: all'),
    exclude_namespaces: globs('Globs of namespaces whose pods are not.'),
    labels: selector('A selector of labels as `kubectl -l` takes it: `app in (web, api), tier != test`.'),
    annotations: selector('The same of annotations: `affiant.dev/collect=true`.'),
    containers: globs(
      'Globs of the names of containers whose logs are followed, init containers included. Default: all',
    ),
    exclude_containers: globs('Globs of the names of containers whose logs are not.'),
  })
  .prefault({})
  .describe(
    "Which pods of the node are followed: those for which all of this holds. The agent's own is never.",
  )

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

const apiConfig = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[^/?#@\s]+\/?$/, 'the URL of an API server, as in https://10.96.0.1:443')
      .refine(
        (url) =>
          url.startsWith('https:') ||
          /^http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::|\/?$)/.test(url),
        'is asked over https, or on this machine: the token goes there',
      )
      .optional()
      .describe('The API server. Default: the one that a pod is told of (KUBERNETES_SERVICE_HOST and _PORT)'),
    token: text()
      .optional()
      .describe(
        `File with the bearer token, read again for each request. Default: ${serviceAccount}/token, if it is there`,
      ),
    ca: text()
      .optional()
      .describe(
        `File with the certificates of who signs the API server's (PEM). Default: ${serviceAccount}/ca.crt, if it is there`,
      ),
  })
  .prefault({})
  .describe('Where pods are asked for.')

const attributionConfig = z
  .strictObject({
    wait: durationFrom('0s', '10m')
      .prefault('5s')
      .describe(
        'How long a log whose pod is not known yet waits. After that, its records go out with what the path says and a warning, where the path says that it is selected.',
      ),
    keep: durationFrom('0s', '7d')
      .prefault('1h')
      .describe(
        'How long what is known of a pod is kept once the pod is gone: its last lines may still be read.',
      ),
    labels: z.array(text()).default(['*']).describe('Globs of labels that events have. `[]`: none'),
    annotations: z.array(text()).default([]).describe('Globs of annotations that events have.'),
  })
  .prefault({})
  .describe('What is known of a pod in its events.')

export const kubernetesReceiverConfig = z.strictObject({
  type: z.literal('kubernetes'),
  directory: z
    .string()
    .regex(/^\/(?:.*\/)?(?:pods|containers)$/, 'a directory whose name is `pods` or `containers`')
    .default('/var/log/pods')
    .describe(
      'Where kubelet keeps the logs: /var/log/pods, or /var/log/containers with links by the names of pods.',
    ),
  node: fromEnvironment('NODE_NAME', 'Name of the node whose pods these are'),
  cluster: text().optional().describe('Name of the cluster: a level of the scope'),
  pods: podsConfig,
  api: apiConfig,
  attribution: attributionConfig,
  start_at: shape.start_at,
  preset: shape.preset,
  mapping: shape.mapping,
  mappings: z
    .record(text(), z.unknown())
    .default({})
    .describe('Mappings of your own by names, which the annotation `affiant.dev/mapping` of a pod may give.'),
  select: shape.select,
  zone: shape.zone,
  on_missing: shape.on_missing,
  enrich: shape.enrich,
  raw: shape.raw,
  redact: shape.redact,
  multiline: shape.multiline,
  max_record: shape.max_record,
  watch: shape.watch,
  poll: shape.poll,
  max_open_files: shape.max_open_files,
})

export type KubernetesReceiverConfig = z.output<typeof kubernetesReceiverConfig>

/** What follows the files. */
export function fileConfigOf(config: KubernetesReceiverConfig): FileReceiverConfig {
  const { start_at, preset, mapping, select, zone, on_missing, enrich, raw, redact } = config
  const { multiline, max_record, watch, poll, max_open_files } = config
  return {
    ...fileReceiverConfig.parse({ type: 'file', include: logPatterns(config), container: 'auto' }),
    start_at,
    preset,
    mapping,
    select,
    zone,
    on_missing,
    enrich,
    raw,
    redact,
    multiline,
    max_record,
    watch,
    poll,
    max_open_files,
  }
}

/** A pod's service account, where the agent runs in one. */
export const inCluster = {
  token: `${serviceAccount}/token`,
  ca: `${serviceAccount}/ca.crt`,
  namespace: `${serviceAccount}/namespace`,
}
