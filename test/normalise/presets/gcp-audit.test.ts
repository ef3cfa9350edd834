// Google Cloud's audit logs: chains of service accounts, refusals, long-running operations, GKE.
import { describe, expect, test } from 'vitest'
import { completeness, eventOf, sampleEvents, samplesArePresent } from './trial.ts'

const gcp = eventOf('gcp_audit')

const audit = {
  '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
  status: {},
  authenticationInfo: { principalEmail: 'ann@example.com', principalSubject: 'user:ann@example.com' },
  requestMetadata: {
    callerIp: '198.51.100.7',
    callerSuppliedUserAgent: 'gcloud/500',
    requestAttributes: { time: '2026-11-23T11:00:00.2Z', auth: {} },
  },
  serviceName: 'storage.googleapis.com',
  methodName: 'storage.buckets.delete',
  authorizationInfo: [
    {
      resource: 'projects/_/buckets/b',
      permission: 'storage.buckets.delete',
      granted: true,
      resourceAttributes: {},
    },
  ],
  resourceName: 'projects/_/buckets/b',
}

const entry = {
  protoPayload: audit,
  insertId: 'ab12',
  resource: {
    type: 'gcs_bucket',
    labels: { project_id: 'shop', bucket_name: 'b', location: 'europe-north1' },
  },
  timestamp: '2026-11-23T11:00:00.123456789Z',
  severity: 'NOTICE',
  logName: 'projects/shop/logs/cloudaudit.googleapis.com%2Factivity',
  receiveTimestamp: '2026-11-23T11:00:01Z',
}

const withAudit = (more: object, rest: object = {}) =>
  gcp({ ...entry, ...rest, protoPayload: { ...audit, ...more } })

test('who, on what, where, whether it was allowed', () => {
  expect(gcp(entry)).toMatchObject({
    source_event_id: `${entry.logName}/${entry.timestamp}/ab12`,
    time: '2026-11-23T11:00:00.123456789Z',
    action: 'storage.googleapis.com:storage.buckets.delete',
    operation: 'delete',
    category: 'data',
    severity: 10,
    actor: {
      id: 'ann@example.com',
      email: 'ann@example.com',
      type: 'user',
      alt_ids: ['user:ann@example.com'],
    },
    outcome: { result: 'success' },
    targets: [{ type: 'gcs_bucket', id: 'projects/_/buckets/b' }],
    scope: [{ type: 'project', id: 'shop' }],
    source: { ip: '198.51.100.7', user_agent: 'gcloud/500' },
    producer: { service: 'storage.googleapis.com', region: 'europe-north1' },
    metadata: { authorization: [{ permission: 'storage.buckets.delete', granted: true }] },
  })
})

test('whoever acts through service accounts is the actor, and each of them a hop', () => {
  const chain = (email: string) => ({ firstPartyPrincipal: { principalEmail: email } })
  const event = withAudit({
    authenticationInfo: {
      principalEmail: 'last@shop.iam.gserviceaccount.com',
      principalSubject: 'serviceAccount:last@shop.iam.gserviceaccount.com',
      serviceAccountKeyName: '//iam.googleapis.com/projects/shop/serviceAccounts/last/keys/k1',
      serviceAccountDelegationInfo: [
        { ...chain('ann@example.com'), principalSubject: 'user:ann@example.com' },
        chain('first@shop.iam.gserviceaccount.com'),
      ],
    },
  })
  expect(event).toMatchObject({
    actor: {
      id: 'ann@example.com',
      email: 'ann@example.com',
      type: 'user',
      alt_ids: ['user:ann@example.com'],
    },
    delegation: [
      { id: 'first@shop.iam.gserviceaccount.com', mechanism: 'impersonation', type: 'service' },
      { id: 'last@shop.iam.gserviceaccount.com', mechanism: 'impersonation', type: 'service' },
    ],
    credential: {
      type: 'service_account_key',
      id: '//iam.googleapis.com/projects/shop/serviceAccounts/last/keys/k1',
    },
  })
})

test('a workload of another cloud, known by its subject alone', () => {
  const subject =
    'principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/s'
  const event = withAudit({
    authenticationInfo: {
      principalEmail: 'sa@shop.iam.gserviceaccount.com',
      serviceAccountDelegationInfo: [{ principalSubject: subject }],
    },
  })
  expect(event).toMatchObject({
    actor: { id: subject, type: 'service' },
    delegation: [{ id: 'sa@shop.iam.gserviceaccount.com', mechanism: 'impersonation' }],
  })
})

test.each([
  ['sa@shop.iam.gserviceaccount.com', 'service'],
  ['1@cloudservices.gserviceaccount.com', 'service'],
  ['system:serviceaccount:ci:runner', 'service'],
  ['system:anonymous', 'anonymous'],
  ['system:kube-scheduler', 'system'],
  ['ann@example.com', 'user'],
])('%s is a %s', (principalEmail, type) => {
  expect(withAudit({ authenticationInfo: { principalEmail } })).toMatchObject({ actor: { type } })
})

test.each([
  ['no status', { status: undefined }, {}, 'success'],
  ['code 7', { status: { code: 7, message: 'denied' } }, {}, 'denied'],
  ['code 16', { status: { code: 16 } }, {}, 'denied'],
  ['code 5', { status: { code: 5, message: 'not found' } }, {}, 'failure'],
  ['not granted', { authorizationInfo: [{ granted: true }, { granted: false }] }, {}, 'denied'],
  ['an operation that began', {}, { operation: { id: 'o', first: true } }, 'unknown'],
  ['an operation that ended', {}, { operation: { id: 'o', last: true } }, 'success'],
  ['an operation at once', {}, { operation: { id: 'o', first: true, last: true } }, 'success'],
  ['a policy', {}, { logName: 'projects/shop/logs/cloudaudit.googleapis.com%2Fpolicy' }, 'denied'],
  ["GKE's decision", {}, { labels: { 'authorization.k8s.io/decision': 'forbid' } }, 'denied'],
])('outcome: %s', (_, more, rest, result) => {
  expect(withAudit(more, rest)).toMatchObject({ outcome: { result } })
})

test.each([
  ['google.cloud.compute.v1.FirewallPolicies.addRule', 'network'],
  ['v1.compute.firewalls.insert', 'network'],
  ['v1.compute.instances.insert', 'configuration'],
])('%s is %s', (methodName, category) => {
  expect(withAudit({ serviceName: 'compute.googleapis.com', methodName })).toMatchObject({ category })
})

test('both entries of a long-running operation name it', () => {
  expect(
    withAudit({}, { operation: { id: 'op-1', producer: 'compute.googleapis.com', first: true } }),
  ).toMatchObject({
    request: { correlation_id: 'op-1' },
    unmapped: { operation: { producer: 'compute.googleapis.com' } },
  })
})

test.each([
  [
    'organizations/12/logs/x',
    [
      { type: 'organization', id: '12' },
      { type: 'project', id: 'shop' },
    ],
  ],
  [
    'folders/34/logs/x',
    [
      { type: 'folder', id: '34' },
      { type: 'project', id: 'shop' },
    ],
  ],
  ['projects/shop/logs/x', [{ type: 'project', id: 'shop' }]],
])('%s', (logName, scope) => {
  expect(gcp({ ...entry, logName })).toMatchObject({ scope })
})

test('whom a role was given to', () => {
  const policyDelta = { bindingDeltas: [{ action: 'ADD', role: 'roles/owner', member: 'allUsers' }] }
  expect(withAudit({ methodName: 'SetIamPolicy', serviceData: { policyDelta } })).toMatchObject({
    operation: 'grant',
    category: 'iam',
    targets: [
      { type: 'gcs_bucket' },
      { type: 'principal', id: 'allUsers', attributes: { role: 'roles/owner', action: 'ADD' } },
    ],
  })
  const removed = { bindingDeltas: [{ action: 'REMOVE', role: 'roles/owner', member: 'allUsers' }] }
  expect(withAudit({ methodName: 'SetIamPolicy', serviceData: { policyDelta: removed } })).toMatchObject({
    operation: 'revoke',
  })
})

test("a command in a pod, as GKE's API server logs it", () => {
  const event = withAudit(
    {
      serviceName: 'k8s.io',
      methodName: 'io.k8s.core.v1.pods.exec.create',
      resourceName: 'core/v1/namespaces/shop/pods/p1/exec',
      request: { metadata: { namespace: 'shop' } },
    },
    { resource: { type: 'k8s_cluster', labels: { project_id: 'shop', cluster_name: 'c1', location: 'x' } } },
  )
  expect(event).toMatchObject({
    operation: 'execute',
    category: 'process',
    scope: [
      { type: 'project', id: 'shop' },
      { type: 'cluster', id: 'c1' },
      { type: 'namespace', id: 'shop' },
    ],
    targets: [
      {
        type: 'pods',
        id: 'core/v1/namespaces/shop/pods/p1/exec',
        scope: [{ type: 'namespace', id: 'shop' }],
      },
    ],
  })
})

test.each([
  ['io.k8s.core.v1.secrets.get', 'secrets', { api_version: 'v1' }],
  ['io.k8s.core.v1.pods.exec.create', 'pods', { api_version: 'v1', subresource: 'exec' }],
  ['io.k8s.authorization.rbac.v1.clusterroles.delete', 'clusterroles', { api_version: 'v1' }],
  ['io.k8s.get', 'k8s_cluster', undefined],
])('GKE: %s is about %s', (methodName, type, attributes) => {
  const metadata = { name: 'db', namespace: 'prod' }
  const event = withAudit(
    { serviceName: 'k8s.io', methodName, resourceName: 'core/v1/x', response: { metadata } },
    { resource: { type: 'k8s_cluster', labels: { project_id: 'shop' } } },
  )
  const named = attributes && { name: 'db', scope: [{ type: 'namespace', id: 'prod' }], attributes }
  expect(event.targets).toEqual([{ type, id: 'core/v1/x', ...named }])
})

test('a bucket that is made with a policy is made', () => {
  const policyDelta = { bindingDeltas: [{ action: 'ADD', role: 'roles/owner', member: 'projectOwner:shop' }] }
  expect(withAudit({ methodName: 'storage.buckets.create', serviceData: { policyDelta } })).toMatchObject({
    operation: 'create',
    targets: [{ type: 'gcs_bucket' }, { type: 'principal', id: 'projectOwner:shop' }],
  })
})

test.each(['private', 'gce-internal-ip'])('%s is no address', (callerIp) => {
  const { source } = withAudit({ requestMetadata: { callerIp } })
  expect(source).toEqual({ hostname: callerIp })
})

test('members that an exporter renamed', () => {
  const { '@type': type, ...rest } = audit
  const event = gcp({
    protoPayload: { ...rest, at_sign_type: type, requestMetadata: { callerIP: '203.0.113.1' } },
    insertid: 'x',
    logname: entry.logName,
    timestamp: '2026-11-23 11:00:00.123',
  })
  expect(event).toMatchObject({
    source: { ip: '203.0.113.1' },
    scope: [{ type: 'project', id: 'shop' }],
    source_event_id: `${entry.logName}/2026-11-23 11:00:00.123/x`,
  })
})

describe.skipIf(!samplesArePresent)('real records', () => {
  interface Payload {
    readonly authenticationInfo?: { readonly principalEmail?: string }
    readonly methodName?: string
    readonly resourceName?: string
  }
  const payload = (record: Readonly<Record<string, unknown>>) =>
    (record.protoPayload ?? record.protopayload) as Payload | undefined

  test.each([
    ['gcp/events.jsonl', 67, 0.75],
    ['gcp-k8s/events.jsonl', 13, 0.5],
  ])('%s: whatever an event lacks, its record does not say', (path, count, least) => {
    const sampled = sampleEvents('gcp_audit', path)
    expect(sampled.length).toBe(count)
    const share = completeness(sampled, {
      'actor.id': (record) => payload(record)?.authenticationInfo?.principalEmail,
      action: (record) => payload(record)?.methodName,
      targets: (record) => payload(record)?.resourceName,
      // Of an operation that began nobody knows yet.
      'outcome.result': (record) =>
        (record.operation as { first?: boolean } | undefined)?.first
          ? undefined
          : payload(record)?.methodName,
    })
    // The rest were cut down to what somebody's test needed, or began an operation.
    expect(share).toBeGreaterThanOrEqual(least)
  })
})

test.each<[method: string, resourceName: string, target: object, namespace: string | undefined]>([
  [
    'core.v1.secrets.get',
    'core/v1/namespaces/prod/secrets/db',
    { type: 'secrets', name: 'db', attributes: { api_version: 'v1' } },
    'prod',
  ],
  [
    'core.v1.pods.exec.create',
    'core/v1/namespaces/prod/pods/web-1/exec',
    { type: 'pods', name: 'web-1', attributes: { api_version: 'v1', subresource: 'exec' } },
    'prod',
  ],
  ['core.v1.pods.list', 'core/v1/namespaces/prod/pods', { type: 'pods' }, 'prod'],
  ['core.v1.pods.list', 'core/v1/pods', { type: 'pods' }, undefined],
  ['core.v1.nodes.get', 'core/v1/nodes/n1', { type: 'nodes', name: 'n1' }, undefined],
  ['core.v1.nodes.proxy.get', 'core/v1/nodes/n1/proxy', { type: 'nodes', name: 'n1' }, undefined],
  ['core.v1.namespaces.get', 'core/v1/namespaces/prod', { type: 'namespaces', name: 'prod' }, undefined],
  [
    'authorization.rbac.v1.clusterrolebindings.create',
    'rbac.authorization.k8s.io/v1/clusterrolebindings/admin',
    { type: 'clusterrolebindings', name: 'admin' },
    undefined,
  ],
])('GKE %s says of %s what it is, without the object itself', (method, resourceName, target, namespace) => {
  const event = withAudit(
    { serviceName: 'k8s.io', methodName: `io.k8s.${method}`, resourceName, authorizationInfo: [] },
    { resource: { type: 'k8s_cluster', labels: { project_id: 'shop', cluster_name: 'c1' } } },
  )
  const scope = namespace === undefined ? [] : [{ type: 'namespace', id: namespace }]
  expect(event.targets).toEqual([
    expect.objectContaining({ id: resourceName, ...target, ...(namespace === undefined ? {} : { scope }) }),
  ])
  if (namespace === undefined) expect(event).not.toHaveProperty('targets.0.scope')
  if (!('name' in target)) expect(event).not.toHaveProperty('targets.0.name')
  expect(event.scope).toEqual([{ type: 'project', id: 'shop' }, { type: 'cluster', id: 'c1' }, ...scope])
  expect(JSON.stringify(event.unmapped ?? {})).not.toContain(resourceName)
})
