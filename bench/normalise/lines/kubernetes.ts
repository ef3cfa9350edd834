import type { Draw } from '../draw.ts'

const resources = [
  { resource: 'pods', apiVersion: 'v1' },
  { resource: 'secrets', apiVersion: 'v1' },
  { resource: 'configmaps', apiVersion: 'v1' },
  { resource: 'deployments', apiGroup: 'apps', apiVersion: 'v1' },
  { resource: 'leases', apiGroup: 'coordination.k8s.io', apiVersion: 'v1' },
  { resource: 'rolebindings', apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1' },
] as const
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const

function actor(draw: Draw): object {
  if (draw.oneIn(3)) {
    const name = draw.pick(['controller', 'scheduler', 'operator', 'autoscaler'])
    const id = draw.hex(8)
    return {
      username: `system:serviceaccount:kube-system:${name}`,
      uid: `6f0a1b2c-0000-4000-8000-0000${id}`,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${draw.uuid()}`],
        'authentication.kubernetes.io/node-name': [`node-${draw.int(40)}`],
      },
    }
  }
  return { username: `${draw.user()}@example.com`, groups: ['developers', 'system:authenticated'] }
}

export function line(draw: Draw, n: number): string {
  const verb = draw.pick(verbs)
  const kind = draw.pick(resources)
  const namespace = draw.pick(['default', 'kube-system', 'payments', 'web'])
  const name = `${kind.resource}-${draw.hex(10)}`
  const named = verb !== 'list' && verb !== 'watch'
  const group = 'apiGroup' in kind ? `/apis/${kind.apiGroup}` : '/api'
  const code = draw.oneIn(12) ? 403 : verb === 'create' ? 201 : 200
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: draw.uuid(),
    stage: 'ResponseComplete',
    requestURI: `${group}/v1/namespaces/${namespace}/${kind.resource}${named ? `/${name}` : '?limit=500'}`,
    verb,
    user: actor(draw),
    sourceIPs: [draw.ip()],
    userAgent: draw.pick([
      'kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9',
      'kube-scheduler/v1.34.1 (linux/amd64)',
    ]),
    objectRef: {
      resource: kind.resource,
      namespace,
      ...(named ? { name } : {}),
      ...('apiGroup' in kind ? { apiGroup: kind.apiGroup } : {}),
      apiVersion: kind.apiVersion,
    },
    responseStatus: {
      metadata: {},
      ...(code === 403 ? { status: 'Failure', reason: 'Forbidden' } : {}),
      code,
    },
    requestReceivedTimestamp: draw.timestamp(n, 6),
    stageTimestamp: draw.timestamp(n + 1, 6),
    annotations: {
      'authorization.k8s.io/decision': code === 403 ? 'forbid' : 'allow',
      'authorization.k8s.io/reason':
        code === 403 ? '' : 'RBAC: allowed by RoleBinding "dev/default" of Role "dev" to Group "developers"',
    },
  })
}
