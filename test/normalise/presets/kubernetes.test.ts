// Kubernetes: what is behind a name: tokens, pods, roles of a cloud, and who was given what.
import { expect, test } from 'vitest'
import { eventOf } from './trial.ts'

const kubernetes = eventOf('kubernetes')

const base = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: '57a794de-44d3-40ee-a0ad-c0eb096eef6c',
  stage: 'ResponseComplete',
  verb: 'create',
  user: { username: 'ann@example.com', groups: ['system:authenticated'] },
  sourceIPs: ['10.0.0.1'],
  responseStatus: { code: 201 },
  requestReceivedTimestamp: '2026-11-23T06:58:33.120000Z',
}

test('a pod by its service account: the token, the pod and the node it is bound to', () => {
  const extra = {
    'authentication.kubernetes.io/credential-id': ['JTI=7ee52be0-9045-4653-aa5e-0da57b8dccdc'],
    'authentication.kubernetes.io/pod-name': ['billing-0'],
    'authentication.kubernetes.io/pod-uid': ['5b9488ae-5563-42aa-850b-b0d82edb3e22'],
    'authentication.kubernetes.io/node-name': ['node-1'],
  }
  const user = { username: 'system:serviceaccount:payments:billing', uid: 'u-1', extra }
  expect(kubernetes({ ...base, user })).toMatchObject({
    actor: { id: user.username, type: 'service', alt_ids: ['u-1'] },
    credential: { id: 'JTI=7ee52be0-9045-4653-aa5e-0da57b8dccdc', type: 'service_account_token' },
    source: { hostname: 'billing-0' },
    metadata: { node: 'node-1', pod_uid: '5b9488ae-5563-42aa-850b-b0d82edb3e22' },
  })
})

test('a role of AWS behind a name of EKS', () => {
  const extra = {
    accessKeyId: ['ASIAEXAMPLE'],
    arn: ['arn:aws:sts::1:assumed-role/Admin/ann'],
    canonicalArn: ['arn:aws:iam::1:role/Admin'],
    sessionName: ['ann'],
  }
  expect(kubernetes({ ...base, user: { username: 'kubernetes-admin', extra } })).toMatchObject({
    actor: {
      id: 'kubernetes-admin',
      alt_ids: ['arn:aws:sts::1:assumed-role/Admin/ann', 'arn:aws:iam::1:role/Admin'],
    },
    credential: { id: 'ASIAEXAMPLE', type: 'temporary_access_key' },
    session: { id: 'ann' },
  })
})

test('an identity that was taken on, with its groups', () => {
  const event = kubernetes({ ...base, impersonatedUser: { username: 'jane', groups: ['system:masters'] } })
  expect(event).toMatchObject({
    actor: { id: 'ann@example.com' },
    delegation: [{ id: 'jane', mechanism: 'impersonation' }],
    metadata: { impersonated_groups: ['system:masters'] },
  })
})

test.each([
  [
    'as the server named it',
    { responseObject: { metadata: { name: 'job-x7k2p', uid: 'o-1' } } },
    'job-x7k2p',
  ],
  ['as it was asked for', { requestObject: { metadata: { name: 'job' } } }, 'job'],
  ['as a patch, which names nothing', { requestObject: [{ op: 'add', path: '/x', value: 1 }] }, '*'],
  ['not at all', {}, '*'],
])('what is created, %s', (_, more, id) => {
  const event = kubernetes({
    ...base,
    objectRef: { resource: 'jobs', apiGroup: 'batch', namespace: 'ci' },
    ...more,
  })
  expect(event).toMatchObject({ targets: [{ type: 'jobs', id, scope: [{ type: 'namespace', id: 'ci' }] }] })
})

test('whom a binding gives its role', () => {
  const event = kubernetes({
    ...base,
    objectRef: { resource: 'clusterrolebindings', apiGroup: 'rbac.authorization.k8s.io', name: 'give' },
    requestObject: {
      kind: 'ClusterRoleBinding',
      subjects: [
        { kind: 'ServiceAccount', name: 'runner', namespace: 'ci' },
        { kind: 'Group', name: 'system:unauthenticated', apiGroup: 'rbac.authorization.k8s.io' },
      ],
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
    },
  })
  expect(event).toMatchObject({
    operation: 'grant',
    category: 'iam',
    targets: [
      { type: 'clusterrolebindings', id: 'give' },
      {
        type: 'ServiceAccount',
        id: 'runner',
        scope: [{ type: 'namespace', id: 'ci' }],
        attributes: { role: 'cluster-admin' },
      },
      { type: 'Group', id: 'system:unauthenticated', attributes: { role: 'cluster-admin' } },
    ],
  })
})

test('a token that was given out is found again as a credential', () => {
  const id = 'JTI=2e6389af-b8bc-4c26-92d2-714fbe9cb4fa'
  const event = kubernetes({
    ...base,
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'ci', name: 'runner' },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': id },
  })
  expect(event).toMatchObject({ targets: [{ id: 'runner' }, { type: 'service_account_token', id }] })
})

test('an event that a webhook cut says so', () => {
  const event = kubernetes({ ...base, annotations: { 'audit.k8s.io/truncated': 'true' } })
  expect(event).toMatchObject({ metadata: { truncated: 'true' } })
})
