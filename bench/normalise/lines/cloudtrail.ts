/**
 * Calls to a handful of services: most by roles, some by users, some for a role by a service. Each caller makes the
 * few calls that are its work, as programs do, which make nearly all of a trail.
 */
import type { Draw } from '../draw.ts'

const account = '111122223333'
const calls = [
  ['ec2.amazonaws.com', 'DescribeInstances', { maxResults: 100, filterSet: {}, instancesSet: {} }],
  ['iam.amazonaws.com', 'GetRole', { roleName: 'deploy' }],
  ['sts.amazonaws.com', 'GetCallerIdentity', null],
  ['ssm.amazonaws.com', 'GetParameter', { name: '/shop/database', withDecryption: true }],
  ['secretsmanager.amazonaws.com', 'GetSecretValue', { secretId: 'shop/database' }],
  ['kms.amazonaws.com', 'Decrypt', { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' }],
  ['lambda.amazonaws.com', 'UpdateFunctionConfiguration20150331v2', { functionName: 'orders' }],
  [
    's3.amazonaws.com',
    'GetBucketAcl',
    { bucketName: 'shop-logs', Host: 's3.eu-north-1.amazonaws.com', acl: '' },
  ],
] as const
const roles = ['deploy', 'monitoring', 'orders', 'AWSReservedSSO_Admin_0a1b2c3d4e5f'] as const
/** Sessions of roles, then users: at work within an hour or so. */
const callers = 60
const users = 20
/** Different calls of one caller. */
const habits = 3
const agents = [
  'Boto3/1.35.0 md/Botocore#1.35.0 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.12.4',
  'aws-cli/2.17.0 md/awscrt#0.20.11 ua/2.0 os/linux#6.8 md/arch#x86_64 lang/python#3.11.9',
  'APN/1.0 HashiCorp/1.0 Terraform/1.9.2 aws-sdk-go-v2/1.30.1 os/linux lang/go#1.22.4',
]

function identity(at: number): object {
  if (at < users) {
    const user = `user${at}`
    return {
      type: 'IAMUser',
      principalId: `AIDA${user.toUpperCase()}`,
      arn: `arn:aws:iam::${account}:user/${user}`,
      accountId: account,
      accessKeyId: `AKIA${user.toUpperCase()}`,
      userName: user,
    }
  }
  const role = roles[at % roles.length]!
  const session = `session-${at}@example.com`
  return {
    type: 'AssumedRole',
    principalId: `AROA${role.toUpperCase()}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId: `ASIAEXAMPLE${at}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: `AROA${role.toUpperCase()}`,
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: '2025-11-24T15:00:00Z', mfaAuthenticated: 'false' },
    },
    ...(at % 5 === 0 ? { invokedBy: 'cloudformation.amazonaws.com' } : {}),
  }
}

export function line(draw: Draw, n: number): string {
  const caller = draw.int(callers)
  const [eventSource, eventName, requestParameters] = calls[(caller + draw.int(habits)) % calls.length]!
  const denied = draw.oneIn(20)
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: identity(caller),
    eventTime: draw.timestamp(n, 0),
    eventSource,
    eventName,
    awsRegion: draw.pick(['eu-north-1', 'us-east-1']),
    sourceIPAddress: draw.ip(),
    userAgent: draw.pick(agents),
    ...(denied
      ? { errorCode: 'AccessDenied', errorMessage: 'User is not authorized to perform this action' }
      : {}),
    requestParameters,
    responseElements: null,
    requestID: draw.uuid(),
    eventID: draw.uuid(),
    readOnly: !eventName.startsWith('Update'),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: eventSource.replace('.amazonaws.com', '.eu-north-1.amazonaws.com'),
    },
  })
}
