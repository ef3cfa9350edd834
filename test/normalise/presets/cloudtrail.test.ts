// CloudTrail: who is behind each kind of identity, through which role and which service.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../normalising.ts'
import { completeness, eventOf, eventsIn, sampleEvents, samplesArePresent, sampleText } from './trial.ts'

const cloudtrail = eventOf('cloudtrail')

const base = {
  eventVersion: '1.11',
  eventTime: '2026-11-23T11:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'AttachUserPolicy',
  awsRegion: 'eu-north-1',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2.17',
  requestParameters: { userName: 'bob', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
  responseElements: null,
  requestID: 'c7e1-req',
  eventID: '3f5d2c1e-7b1a-41f0-9d54-0a1b2c3d4e5f',
  readOnly: false,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
}

const role = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_ab12'
const assumed = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE:ann@example.com',
  arn: 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_ab12/ann@example.com',
  accountId: '111122223333',
  accessKeyId: 'ASIAEXAMPLE',
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAEXAMPLE',
      arn: role,
      accountId: '111122223333',
      userName: 'AWSReservedSSO_Admin_ab12',
    },
    attributes: { creationDate: '2026-11-23T10:00:00Z', mfaAuthenticated: 'true' },
  },
}

test('a person in a role, through a service, gives somebody a policy', () => {
  const userIdentity = { ...assumed, invokedBy: 'cloudformation.amazonaws.com' }
  const event = cloudtrail({ ...base, userIdentity, sourceIPAddress: 'cloudformation.amazonaws.com' })
  expect(event).toMatchObject({
    source_event_id: base.eventID,
    action: 'iam.amazonaws.com:AttachUserPolicy',
    operation: 'grant',
    category: 'iam',
    actor: {
      id: 'ann@example.com',
      type: 'user',
      tenant: '111122223333',
      alt_ids: [assumed.arn, assumed.principalId],
    },
    delegation: [
      {
        id: role,
        name: 'AWSReservedSSO_Admin_ab12',
        type: 'service',
        mechanism: 'assume_role',
        credential_id: 'ASIAEXAMPLE',
      },
      { id: 'cloudformation.amazonaws.com', type: 'service', mechanism: 'service_invocation' },
    ],
    credential: { id: 'ASIAEXAMPLE', type: 'temporary_access_key', mfa: true },
    session: { created_time: '2026-11-23T10:00:00.000000000Z', issuer: 'AROAEXAMPLE' },
    outcome: { result: 'success' },
    targets: [
      { type: 'AWS::IAM::User', id: 'bob' },
      { type: 'AWS::IAM::Policy', id: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ],
    scope: [
      { type: 'account', id: '111122223333' },
      { type: 'region', id: 'eu-north-1' },
    ],
    source: { hostname: 'cloudformation.amazonaws.com' },
    request: { id: 'c7e1-req' },
  })
  expect(event).not.toHaveProperty('source.ip')
  expect(event).toHaveProperty('unmapped', { responseElements: null })
})

test.each([
  [
    'Root',
    { type: 'Root', arn: 'arn:aws:iam::1:root', principalId: '1' },
    { id: 'arn:aws:iam::1:root', name: 'root', type: 'user' },
  ],
  [
    'IAMUser',
    { type: 'IAMUser', arn: 'arn:aws:iam::1:user/team/bob', userName: 'bob', principalId: 'AIDA1' },
    {
      id: 'arn:aws:iam::1:user/team/bob',
      name: 'bob',
      type: 'user',
      alt_ids: ['arn:aws:iam::1:user/team/bob', 'AIDA1'],
    },
  ],
  ['IAMUser without an ARN', { type: 'IAMUser', userName: 'bob' }, { id: 'bob', type: 'user' }],
  [
    'FederatedUser',
    { type: 'FederatedUser', arn: 'arn:aws:sts::1:federated-user/eve', principalId: '1:eve' },
    { id: 'arn:aws:sts::1:federated-user/eve', name: 'eve', type: 'user' },
  ],
  [
    'SAMLUser',
    {
      type: 'SAMLUser',
      principalId: 'q:ann',
      userName: 'ann',
      identityProvider: 'arn:aws:iam::1:saml-provider/x',
    },
    { id: 'ann', type: 'user' },
  ],
  [
    'WebIdentityUser',
    {
      type: 'WebIdentityUser',
      principalId: 'accounts.example.com:app:sub1',
      userName: 'sub1',
      identityProvider: 'accounts.example.com',
    },
    { id: 'sub1', type: 'unknown' },
  ],
  [
    'a service account of Kubernetes',
    {
      type: 'WebIdentityUser',
      principalId: 'arn:aws:iam::1:oidc-provider/oidc.eks:sts.amazonaws.com:system:serviceaccount:prod:api',
      userName: 'system:serviceaccount:prod:api',
    },
    { id: 'system:serviceaccount:prod:api', type: 'service' },
  ],
  [
    'a pipeline',
    { type: 'WebIdentityUser', userName: 'repo:acme/shop:ref:refs/heads/main' },
    { id: 'repo:acme/shop:ref:refs/heads/main', type: 'service' },
  ],
  [
    'IdentityCenterUser',
    {
      type: 'IdentityCenterUser',
      accountId: '1',
      onBehalfOf: { userId: 'u-9', identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1' },
      credentialId: 'c1',
    },
    { id: 'u-9', type: 'user' },
  ],
  [
    'AWSService',
    { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
    { id: 'lambda.amazonaws.com', type: 'service' },
  ],
  [
    'AWSAccount',
    { type: 'AWSAccount', accountId: '2', principalId: 'AIDA2' },
    { id: 'AIDA2', type: 'user', tenant: '2' },
  ],
  [
    'a role of another account',
    { type: 'AWSAccount', accountId: '2', principalId: 'AROA2:job' },
    { id: 'job', type: 'unknown' },
  ],
  [
    'a person in a role of another account',
    { type: 'AWSAccount', accountId: '2', principalId: 'AROA2:ann@example.com' },
    { id: 'ann@example.com', type: 'user' },
  ],
  [
    'no type',
    { accountId: '1', invokedBy: 'secretsmanager.amazonaws.com' },
    { id: 'secretsmanager.amazonaws.com', type: 'service' },
  ],
  ['Unknown', { type: 'Unknown', principalId: 'x' }, { id: 'x', type: 'unknown' }],
])('%s', (_, userIdentity, actor) => {
  expect(cloudtrail({ ...base, userIdentity })).toMatchObject({ actor })
})

test('what was set by the identity provider goes before what a session calls itself', () => {
  const { sessionContext } = assumed
  const userIdentity = { ...assumed, sessionContext: { ...sessionContext, sourceIdentity: 'ann' } }
  expect(cloudtrail({ ...base, userIdentity })).toMatchObject({ actor: { id: 'ann' } })
})

test.each([
  ['i-0abc123def4567890', {}, 'service'],
  ['ann@example.com', {}, 'user'],
  ['deploy', {}, 'unknown'],
  ['deploy', { inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:x:1:function:deploy' } }, 'service'],
  ['deploy', { sessionContext: { ec2RoleDelivery: '2.0' } }, 'service'],
])('a session called %s %j is of a %s', (name, more, type) => {
  const userIdentity = { type: 'AssumedRole', arn: `arn:aws:sts::1:assumed-role/Role/${name}`, ...more }
  expect(cloudtrail({ ...base, userIdentity })).toMatchObject({
    actor: { id: name, type },
    delegation: [{ id: 'arn:aws:sts::1:assumed-role/Role', name: 'Role', mechanism: 'assume_role' }],
  })
})

test('a name that may be a password is nobody', () => {
  const userName = 'HIDDEN_DUE_TO_SECURITY_REASONS'
  const userIdentity = { type: 'IAMUser', accountId: '1', accessKeyId: '', userName }
  const event = cloudtrail({ ...base, eventName: 'ConsoleLogin', userIdentity })
  expect(event.actor).toEqual({ type: 'user', tenant: '1' })
  const deleted = cloudtrail({
    ...base,
    eventSource: 'cognito-idp.amazonaws.com',
    eventName: 'AdminDeleteUser',
    requestParameters: { userPoolId: 'eu_1', username: userName },
    additionalEventData: { sub: 'sub-1' },
  })
  expect(deleted.targets).toEqual([
    { type: 'AWS::Cognito::User', id: 'sub-1' },
    { type: 'AWS::Cognito::UserPool', id: 'eu_1' },
  ])
})

test('nobody with credentials calls: no account is theirs', () => {
  const { recipientAccountId: _, ...bare } = base
  const userIdentity = { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' }
  const event = cloudtrail({ ...bare, userIdentity })
  expect(event.actor).toEqual({ type: 'anonymous', id: 'ANONYMOUS_PRINCIPAL' })
  expect(event.scope).toEqual([{ type: 'region', id: 'eu-north-1' }])
})

test('who takes a role in the console from another role was in that one first', () => {
  const event = cloudtrail({
    ...base,
    eventSource: 'signin.amazonaws.com',
    eventName: 'SwitchRole',
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::2:assumed-role/Audit/ann@example.com',
      accountId: '2',
    },
    additionalEventData: { SwitchFrom: 'arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_1/ann@example.com' },
  })
  expect(event).toMatchObject({
    actor: { id: 'ann@example.com', type: 'user', tenant: '1' },
    delegation: [
      { id: 'arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_1', mechanism: 'assume_role' },
      { id: 'arn:aws:sts::2:assumed-role/Audit', mechanism: 'assume_role' },
    ],
  })
})

test('a federated user acts with the credentials of whoever asked for them', () => {
  const userIdentity = {
    type: 'FederatedUser',
    arn: 'arn:aws:sts::1:federated-user/eve',
    sessionContext: {
      sessionIssuer: { type: 'IAMUser', arn: 'arn:aws:iam::1:user/broker', userName: 'broker' },
    },
  }
  expect(cloudtrail({ ...base, userIdentity })).toMatchObject({
    delegation: [{ id: 'arn:aws:iam::1:user/broker', type: 'user', mechanism: 'token_exchange' }],
  })
})

test('a service that acts for nobody is no hop behind itself', () => {
  const event = cloudtrail({
    ...base,
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
  })
  expect(event).not.toHaveProperty('delegation')
})

test.each([
  [{}, 'success'],
  [{ errorCode: 'AccessDenied', errorMessage: 'no' }, 'denied'],
  [{ errorCode: 'AccessDeniedException' }, 'denied'],
  [{ errorCode: 'Client.UnauthorizedOperation' }, 'denied'],
  [{ errorCode: 'VpceAccessDenied' }, 'denied'],
  [{ errorCode: 'NoSuchEntityException' }, 'failure'],
  [{ errorMessage: 'Failed authentication' }, 'failure'],
  [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Failure' } }, 'failure'],
  [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Success' } }, 'success'],
  [{ eventName: 'UserAuthentication', serviceEventDetails: { UserAuthentication: 'Failure' } }, 'failure'],
])('outcome of %j', (more, result) => {
  expect(cloudtrail({ ...base, ...more })).toMatchObject({ outcome: { result } })
})

test.each([
  ['signin.amazonaws.com', 'ConsoleLogin', 'login', 'authentication'],
  ['sts.amazonaws.com', 'AssumeRoleWithWebIdentity', 'login', 'authentication'],
  ['sts.amazonaws.com', 'GetCallerIdentity', 'read', 'iam'],
  ['iam.amazonaws.com', 'CreateAccessKey', 'create', 'iam'],
  ['iam.amazonaws.com', 'DetachRolePolicy', 'revoke', 'iam'],
  ['ec2.amazonaws.com', 'RunInstances', 'create', 'configuration'],
  ['ec2.amazonaws.com', 'TerminateInstances', 'delete', 'configuration'],
  ['ec2.amazonaws.com', 'AuthorizeSecurityGroupIngress', 'grant', 'network'],
  ['s3.amazonaws.com', 'GetObject', 'read', 'data'],
  ['s3.amazonaws.com', 'PutBucketPolicy', 'update', 'configuration'],
  ['cloudtrail.amazonaws.com', 'StopLogging', 'update', 'audit'],
  ['ssm.amazonaws.com', 'SendCommand', 'execute', 'process'],
  ['kms.amazonaws.com', 'Decrypt', 'read', 'data'],
  ['kms.amazonaws.com', 'RevokeGrant', 'revoke', 'data'],
  ['identitystore.amazonaws.com', 'CreateGroupMembership', 'grant', 'iam'],
  ['identitystore.amazonaws.com', 'DeleteGroupMembership', 'revoke', 'iam'],
  ['cognito-idp.amazonaws.com', 'AdminAddUserToGroup', 'grant', 'iam'],
  ['cognito-idp.amazonaws.com', 'AdminDeleteUser', 'delete', 'iam'],
  ['iam.amazonaws.com', 'DeactivateMFADevice', 'update', 'iam'],
  ['ecr.amazonaws.com', 'BatchDeleteImage', 'delete', 'configuration'],
  ['ecr.amazonaws.com', 'BatchGetImage', 'read', 'configuration'],
  ['dynamodb.amazonaws.com', 'BatchWriteItem', 'update', 'data'],
  ['s3.amazonaws.com', 'ListObjectsV2', 'read', 'data'],
  ['s3.amazonaws.com', 'DeleteObjects', 'delete', 'data'],
  ['lambda.amazonaws.com', 'AddPermission20150331v2', 'grant', 'configuration'],
])('%s %s is %s, %s', (eventSource, eventName, operation, category) => {
  expect(cloudtrail({ ...base, eventSource, eventName })).toMatchObject({ operation, category })
})

test.each([
  [
    'what the service names',
    {
      resources: [
        { ARN: 'arn:aws:s3:::b/k', type: 'AWS::S3::Object' },
        { ARN: 'arn:aws:s3:::b', accountId: '1' },
      ],
    },
    [
      { type: 'AWS::S3::Object', id: 'arn:aws:s3:::b/k' },
      { type: 's3', id: 'arn:aws:s3:::b', attributes: { account: '1' } },
    ],
  ],
  [
    'what was made',
    {
      eventName: 'CreateAccessKey',
      requestParameters: { userName: 'bob' },
      responseElements: { accessKey: { accessKeyId: 'AKIANEW', status: 'Active' } },
    },
    [
      { type: 'AWS::IAM::User', id: 'bob' },
      { type: 'AWS::IAM::AccessKey', id: 'AKIANEW' },
    ],
  ],
  [
    'each of several',
    {
      eventName: 'StopInstances',
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] } },
    },
    [
      { type: 'AWS::EC2::Instance', id: 'i-1' },
      { type: 'AWS::EC2::Instance', id: 'i-2' },
    ],
  ],
  [
    "the service's own kind",
    {
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'StopLogging',
      requestParameters: { name: 'trail-1' },
    },
    [{ type: 'cloudtrail', id: 'trail-1' }],
  ],
  [
    'an instance, whatever it is called',
    { eventSource: 'ssm.amazonaws.com', eventName: 'StartSession', requestParameters: { target: 'i-0f00' } },
    [{ type: 'AWS::EC2::Instance', id: 'i-0f00' }],
  ],
  [
    'whom a key is for',
    {
      eventSource: 'kms.amazonaws.com',
      eventName: 'CreateGrant',
      requestParameters: { keyId: 'k-1', granteePrincipal: 'arn:aws:iam::2:role/x' },
    },
    [
      { type: 'AWS::KMS::Key', id: 'k-1' },
      { type: 'principal', id: 'arn:aws:iam::2:role/x' },
    ],
  ],
  [
    'who becomes a member of what',
    {
      eventSource: 'identitystore.amazonaws.com',
      eventName: 'CreateGroupMembership',
      requestParameters: { identityStoreId: 'd-1', groupId: 'g-1', memberId: { userId: 'u-1' } },
    },
    [
      { type: 'AWS::IdentityStore::User', id: 'u-1' },
      { type: 'AWS::IdentityStore::Group', id: 'g-1' },
    ],
  ],
  [
    'what a wrapped request names, and what was made',
    {
      eventSource: 'ec2.amazonaws.com',
      eventName: 'AssociateIamInstanceProfile',
      requestParameters: {
        AssociateIamInstanceProfileRequest: { InstanceId: 'i-9', IamInstanceProfile: { Name: 'admin' } },
      },
    },
    [{ type: 'AWS::EC2::Instance', id: 'i-9', attributes: { instance_profile: 'admin' } }],
  ],
  [
    'what was made of a wrapped request',
    {
      eventSource: 'ec2.amazonaws.com',
      eventName: 'CreateFleet',
      requestParameters: {
        CreateFleetRequest: {
          Type: 'instant',
          LaunchTemplateConfigs: { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1' } },
        },
      },
      responseElements: { CreateFleetResponse: { fleetId: 'fleet-1' } },
    },
    [
      { type: 'AWS::EC2::LaunchTemplate', id: 'lt-1' },
      { type: 'AWS::EC2::EC2Fleet', id: 'fleet-1' },
    ],
  ],
  [
    'what calls itself an id, before a name',
    {
      eventSource: 'workspaces.amazonaws.com',
      eventName: 'RebuildWorkspace',
      requestParameters: { directoryName: 'corp', workspaceId: 'ws-1', force: true },
    },
    [{ type: 'workspace', id: 'ws-1' }],
  ],
  [
    'what calls itself a name',
    {
      eventSource: 'glue.amazonaws.com',
      eventName: 'GetPartitionIndexes',
      requestParameters: { databaseName: 'sales', limit: 5 },
    },
    [{ type: 'database', id: 'sales' }],
  ],
  ['all of a kind', { eventName: 'ListUsers', requestParameters: null }, [{ type: 'Users', id: '*' }]],
  [
    'what a refusal is about',
    {
      eventName: 'GetRole',
      requestParameters: null,
      errorCode: 'AccessDenied',
      errorMessage:
        'User: x is not authorized to perform: iam:GetRole on resource: arn:aws:iam::1:role/r because no',
    },
    [{ type: 'AWS::IAM::Role', id: 'arn:aws:iam::1:role/r' }],
  ],
])('targets: %s', (_, more, targets) => {
  expect(cloudtrail({ ...base, ...more })).toHaveProperty('targets', targets)
})

test('keys that a role gave out are found again where they act', () => {
  const event = cloudtrail({
    ...base,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    resources: [{ ARN: role, type: 'AWS::IAM::Role' }],
    responseElements: {
      credentials: { accessKeyId: 'ASIANEW', expiration: 'Nov 23, 2026' },
      assumedRoleUser: { arn: assumed.arn, assumedRoleId: assumed.principalId },
    },
    sharedEventID: 'shared-1',
  })
  expect(event).toMatchObject({
    targets: [
      { id: role },
      { type: 'AWS::STS::AssumedRoleUser', id: assumed.arn },
      { type: 'AWS::STS::AccessKey', id: 'ASIANEW' },
    ],
    request: { correlation_id: 'shared-1' },
  })
})

test('what was made has the names that it acts under later', () => {
  const made = {
    ...base,
    eventName: 'CreateUser',
    requestParameters: { userName: 'eve' },
    responseElements: { user: { arn: 'arn:aws:iam::1:user/eve', userName: 'eve', userId: 'AIDAEVE' } },
  }
  expect(cloudtrail(made)).toMatchObject({
    targets: [{ type: 'AWS::IAM::User', id: 'eve', attributes: { arn: 'arn:aws:iam::1:user/eve' } }],
  })
  const run = {
    ...base,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    requestParameters: { instancesSet: { items: [{ imageId: 'ami-1', minCount: 1 }] } },
    responseElements: {
      reservationId: 'r-1',
      instancesSet: {
        items: [{ instanceId: 'i-1', imageId: 'ami-1', iamInstanceProfile: { arn: 'arn:p' } }],
      },
    },
  }
  expect(cloudtrail(run)).toMatchObject({
    targets: [
      { type: 'AWS::EC2::Instance', id: 'i-1', attributes: { image: 'ami-1', instance_profile: 'arn:p' } },
    ],
  })
})

test('an Insights event is what CloudTrail saw', () => {
  const insightDetails = {
    state: 'Start',
    eventSource: 'ssm.amazonaws.com',
    insightType: 'ApiCallRateInsight',
  }
  const { requestParameters: _, ...rest } = base
  expect(cloudtrail({ ...rest, eventType: 'AwsCloudTrailInsight', insightDetails })).toMatchObject({
    category: 'audit',
    actor: { id: 'cloudtrail.amazonaws.com', type: 'system' },
    message: 'ApiCallRateInsight',
  })
})

test('a digest is what CloudTrail proves its files with', () => {
  const digest = {
    awsAccountId: '111122223333',
    digestStartTime: '2026-11-23T10:00:00Z',
    digestEndTime: '2026-11-23T11:00:00Z',
    digestS3Bucket: 'b',
    digestS3Object: 'AWSLogs/1/CloudTrail-Digest/x.json.gz',
    digestSignatureAlgorithm: 'SHA256withRSA',
    digestPublicKeyFingerprint: 'abc',
    previousDigestHashValue: '97fb',
    logFiles: [
      {
        s3Bucket: 'b',
        s3Object: 'AWSLogs/1/CloudTrail/y.json.gz',
        hashValue: '12ab',
        hashAlgorithm: 'SHA-256',
      },
    ],
  }
  expect(cloudtrail(digest)).toMatchObject({
    action: 'cloudtrail.amazonaws.com:digest',
    category: 'audit',
    time: '2026-11-23T11:00:00.000000000Z',
    actor: { id: 'cloudtrail.amazonaws.com', type: 'system' },
    targets: [
      {
        type: 'AWS::S3::Object',
        id: 's3://b/AWSLogs/1/CloudTrail/y.json.gz',
        attributes: { sha256: '12ab' },
      },
    ],
    scope: [{ type: 'account', id: '111122223333' }],
    integrity: { algorithm: 'SHA256withRSA', signer: 'abc', sequence: { previous_hash: '97fb' } },
  })
})

test('a file of a trail, and a list of records, are as many events', () => {
  const normaliser = compileNormaliser(spec({ preset: 'cloudtrail' }))
  const other = { ...base, eventID: '4f5d2c1e-7b1a-41f0-9d54-0a1b2c3d4e5f' }
  const file = eventsOf(lines(normaliser, `${JSON.stringify({ Records: [base, other] })}\n`))
  const list = eventsOf(lines(normaliser, `${JSON.stringify([base, other])}\n`))
  expect(file.map(({ id }) => id)).toEqual(list.map(({ id }) => id))
  expect(file.map(({ provenance }) => provenance)).toMatchObject([{ index: 0 }, { index: 1 }])
})

describe.skipIf(!samplesArePresent)('real records', () => {
  const folder = join(import.meta.dirname, '../../../../shared/samples')
  const whole = samplesArePresent ? globSync('cloudtrail/{invictus,stratus}*{,/*}.json', { cwd: folder }) : []

  test('single records: whatever an event lacks, its record does not say', () => {
    const sampled = sampleEvents('cloudtrail', 'cloudtrail/events.jsonl')
    expect(sampled.length).toBe(220)
    const share = completeness(sampled, {
      'actor.id': ({ userIdentity }) => Object.keys(userIdentity ?? {})[0],
      action: () => 'always',
      targets: () => 'always',
      'outcome.result': () => 'always',
    })
    expect(share).toBeGreaterThanOrEqual(0.95)
  })

  test('files of a trail, and pretty-printed lists, are complete', () => {
    const counts = whole.map((path) => {
      const text = sampleText(path)
      const value = JSON.parse(text)
      const records: unknown[] = Array.isArray(value) ? value : value.Records
      // As `affiant normalize --whole` and a receiver's multiline read a document over many lines.
      const events = eventsIn('cloudtrail', `${JSON.stringify(value)}\n`)
      expect(events.length, path).toBe(records.length)
      for (const event of events) expect(event).toHaveProperty('attribution', { complete: true })
      return events.length
    })
    expect(counts.length).toBe(37)
    expect(counts.reduce((a, b) => a + b, 0)).toBe(1377)
    // Some of the files have many megabytes.
  }, 60_000)
})
