import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const [serviceName, methodName, type] = draw.pick([
    ['compute.googleapis.com', 'v1.compute.instances.insert', 'gce_instance'],
    ['storage.googleapis.com', 'storage.objects.get', 'gcs_bucket'],
    ['iam.googleapis.com', 'google.iam.admin.v1.CreateServiceAccountKey', 'service_account'],
    ['bigquery.googleapis.com', 'google.cloud.bigquery.v2.JobService.InsertJob', 'bigquery_project'],
  ])
  const denied = draw.oneIn(12)
  const resource = `projects/acme-prod/zones/europe-west3-a/instances/vm-${draw.hex(6)}`
  return JSON.stringify({
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      status: denied ? { code: 7, message: 'PERMISSION_DENIED' } : {},
      authenticationInfo: {
        principalEmail: `${draw.user()}@example.com`,
        principalSubject: `user:${draw.user()}@example.com`,
      },
      requestMetadata: {
        callerIp: draw.ip(),
        callerSuppliedUserAgent: 'google-cloud-sdk gcloud/547.0.0',
        requestAttributes: { time: draw.timestamp(n, 6), auth: {} },
        destinationAttributes: {},
      },
      serviceName,
      methodName,
      authorizationInfo: [
        {
          resource,
          permission: 'compute.instances.create',
          granted: !denied,
          resourceAttributes: { service: 'compute', name: resource, type: 'compute.instances' },
        },
      ],
      resourceName: resource,
      request: { '@type': 'type.googleapis.com/compute.instances.insert' },
    },
    insertId: draw.hex(14),
    resource: {
      type,
      labels: { project_id: 'acme-prod', zone: 'europe-west3-a', instance_id: String(draw.int(1e12)) },
    },
    timestamp: draw.timestamp(n, 9),
    severity: denied ? 'ERROR' : 'NOTICE',
    logName: 'projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity',
    receiveTimestamp: draw.timestamp(n + 3, 9),
  })
}
