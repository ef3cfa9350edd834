import type { Draw } from '../draw.ts'

const calls = [
  ['CreateUser', 1],
  ['DescribeInstances', 2],
  ['UpdateFunctionCode', 3],
  ['DeleteBucket', 4],
] as const

/** API activity, as security lakes hold most of. */
export function line(draw: Draw, n: number): string {
  const [operation, activity] = draw.pick(calls)
  const name = draw.user()
  const failed = draw.oneIn(12)
  return JSON.stringify({
    time: draw.time(n),
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: activity,
    activity_name: operation,
    type_uid: 600_300 + activity,
    severity_id: 1,
    severity: 'Informational',
    status_id: failed ? 2 : 1,
    status: failed ? 'Failure' : 'Success',
    metadata: {
      version: '1.1.0',
      uid: draw.uuid(),
      profiles: ['cloud', 'datetime'],
      product: { name: 'CloudTrail', vendor_name: 'AWS', version: '1.09', feature: { name: 'Management' } },
    },
    actor: {
      user: {
        type: 'AssumedRole',
        uid: `AROA${draw.hex(16)}:${name}`,
        name,
        account: { uid: '123456789012' },
      },
      session: {
        uid: draw.uuid(),
        issuer: 'arn:aws:iam::123456789012:role/admin',
        is_mfa: true,
        created_time: draw.time(0),
      },
    },
    api: {
      operation,
      service: { name: 'iam.amazonaws.com' },
      request: { uid: draw.uuid() },
      ...(failed && { response: { error: 'AccessDenied', message: `User ${name} is not authorized` } }),
    },
    src_endpoint: { ip: draw.ip() },
    http_request: { user_agent: 'aws-cli/2.27.1 md/Botocore#1.38.2' },
    cloud: { provider: 'AWS', region: 'eu-central-1', account: { uid: '123456789012' } },
    resources: [{ uid: `arn:aws:iam::123456789012:user/${draw.user()}`, type: 'AWS::IAM::User' }],
  })
}
