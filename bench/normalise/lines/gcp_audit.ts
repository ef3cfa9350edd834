/** Calls by people and by service accounts, some of them on behalf of somebody. */
import type { Draw } from '../draw.ts'

const calls = [
  ['storage.googleapis.com', 'storage.objects.get', 'gcs_bucket', 'projects/_/buckets/shop/objects/'],
  [
    'compute.googleapis.com',
    'v1.compute.instances.insert',
    'gce_instance',
    'projects/shop/zones/europe-north1-a/instances/',
  ],
  [
    'iam.googleapis.com',
    'google.iam.admin.v1.CreateServiceAccountKey',
    'service_account',
    'projects/-/serviceAccounts/',
  ],
  ['k8s.io', 'io.k8s.core.v1.pods.create', 'k8s_cluster', 'core/v1/namespaces/shop/pods/'],
  [
    'secretmanager.googleapis.com',
    'google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion',
    'audited_resource',
    'projects/shop/secrets/',
  ],
] as const

function principal(draw: Draw): object {
  if (draw.oneIn(2)) return { principalEmail: `${draw.user()}@example.com` }
  const email = `${draw.pick(['deploy', 'orders', 'backup'])}@shop.iam.gserviceaccount.com`
  return {
    principalEmail: email,
    principalSubject: `serviceAccount:${email}`,
    ...(draw.oneIn(2)
      ? {
          serviceAccountDelegationInfo: [
            { firstPartyPrincipal: { principalEmail: `${draw.user()}@example.com` } },
          ],
        }
      : {
          serviceAccountKeyName: `//iam.googleapis.com/projects/shop/serviceAccounts/${email}/keys/${draw.hex(40)}`,
        }),
  }
}

export function line(draw: Draw, n: number): string {
  const [serviceName, methodName, type, prefix] = draw.pick(calls)
  const resourceName = `${prefix}${draw.hex(8)}`
  const granted = !draw.oneIn(15)
  return JSON.stringify({
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      status: granted ? {} : { code: 7, message: 'PERMISSION_DENIED' },
      authenticationInfo: principal(draw),
      requestMetadata: {
        callerIp: draw.ip(),
        callerSuppliedUserAgent: draw.pick([
          'google-cloud-sdk gcloud/500.0.0',
          'Terraform/1.9.2',
          'kubectl/v1.34.1',
        ]),
        requestAttributes: { time: draw.timestamp(n, 9), auth: {} },
        destinationAttributes: {},
      },
      serviceName,
      methodName,
      authorizationInfo: [
        { resource: resourceName, permission: methodName, granted, resourceAttributes: {} },
      ],
      resourceName,
      resourceLocation: { currentLocations: ['europe-north1'] },
    },
    insertId: draw.hex(12),
    resource: { type, labels: { project_id: 'shop', location: 'europe-north1' } },
    timestamp: draw.timestamp(n, 9),
    severity: granted ? 'NOTICE' : 'ERROR',
    logName: 'projects/shop/logs/cloudaudit.googleapis.com%2Factivity',
    receiveTimestamp: draw.timestamp(n + 50, 9),
  })
}
