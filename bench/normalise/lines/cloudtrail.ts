import type { Draw } from '../draw.ts'

const calls = [
  ['ec2.amazonaws.com', 'DescribeInstances', true],
  ['s3.amazonaws.com', 'GetObject', true],
  ['s3.amazonaws.com', 'PutObject', false],
  ['sts.amazonaws.com', 'GetCallerIdentity', true],
  ['iam.amazonaws.com', 'ListUsers', true],
  ['kms.amazonaws.com', 'Decrypt', true],
] as const

const account = '111122223333'

function identity(draw: Draw, n: number): object {
  const accessKeyId = `ASIA${draw.hex(16).toUpperCase()}`
  if (draw.oneIn(3)) {
    const name = draw.user()
    return {
      type: 'IAMUser',
      principalId: `AIDA${draw.hex(12).toUpperCase()}`,
      arn: `arn:aws:iam::${account}:user/${name}`,
      accountId: account,
      accessKeyId,
      userName: name,
    }
  }
  const role = draw.pick(['deploy', 'readonly', 'billing-batch'])
  return {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLE:${draw.user()}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${draw.user()}`,
    accountId: account,
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLE',
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: draw.timestamp(n - 500, 0), mfaAuthenticated: 'false' },
    },
  }
}

export function line(draw: Draw, n: number): string {
  const [eventSource, eventName, readOnly] = draw.pick(calls)
  const failed = draw.oneIn(15)
  const bucket = `acme-${draw.pick(['logs', 'invoices', 'backups'])}`
  const isObject = eventSource === 's3.amazonaws.com'
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: identity(draw, n),
    eventTime: draw.timestamp(n, 0),
    eventSource,
    eventName,
    awsRegion: 'eu-central-1',
    sourceIPAddress: draw.ip(),
    userAgent: 'aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 lang/python#3.13',
    ...(failed ? { errorCode: 'AccessDenied', errorMessage: 'Access Denied' } : {}),
    requestParameters: isObject
      ? { bucketName: bucket, key: `2026/${draw.hex(8)}.json.gz`, Host: `${bucket}.s3.amazonaws.com` }
      : null,
    responseElements: null,
    requestID: draw.uuid(),
    eventID: draw.uuid(),
    readOnly,
    ...(isObject
      ? {
          resources: [
            { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/2026/${draw.hex(8)}.json.gz` },
            { accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
          ],
        }
      : {}),
    eventType: 'AwsApiCall',
    managementEvent: !isObject,
    recipientAccountId: account,
    eventCategory: isObject ? 'Data' : 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: eventSource,
    },
  })
}
