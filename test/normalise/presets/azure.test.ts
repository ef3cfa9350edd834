// Azure's Activity Log, and Entra ID's sign-ins and changes of the directory.
import { describe, expect, test } from 'vitest'
import type { Event } from '../normalising.ts'
import { completeness, eventOf, eventsIn, sampleEvents, samplesArePresent } from './trial.ts'

const activity = eventOf('azure_activity')
const entra = eventOf('azure_signin')

const upn = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'
const oid = 'http://schemas.microsoft.com/identity/claims/objectidentifier'
const scp = 'http://schemas.microsoft.com/identity/claims/scope'
const amr = 'http://schemas.microsoft.com/claims/authnmethodsreferences'

const claims = {
  appid: 'app-1',
  appidacr: '0',
  iss: 'https://sts.windows.net/t-1/',
  name: 'Ann',
  uti: 'uti-1',
  idtyp: 'user',
  groups: 'g-1,g-2',
  [upn]: 'ann@example.com',
  [oid]: 'oid-1',
  [scp]: 'user_impersonation',
  [amr]: 'pwd,mfa',
}

const granted = {
  time: '2026-11-23T11:00:00.1234567Z',
  resourceId:
    '/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/Shop/PROVIDERS/Microsoft.Storage/storageAccounts/Acc/providers/Microsoft.Authorization/roleAssignments/ra-1',
  operationName: 'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
  category: 'Administrative',
  resultType: 'Success',
  resultSignature: 'Succeeded.Created',
  callerIpAddress: '198.51.100.7:50123',
  correlationId: 'c-1',
  identity: {
    authorization: { evidence: { role: 'Owner', principalType: 'User', principalId: 'oid-1' } },
    claims,
  },
  level: 'Information',
  location: 'global',
  tenantId: 't-1',
  durationMs: '12',
}

describe('azure_activity', () => {
  test('a user, through an application, in a role', () => {
    expect(activity(granted)).toMatchObject({
      time: '2026-11-23T11:00:00.123456700Z',
      action: 'microsoft.authorization/roleassignments/write',
      operation: 'grant',
      category: 'iam',
      actor: {
        id: 'oid-1',
        name: 'Ann',
        email: 'ann@example.com',
        type: 'user',
        roles: ['Owner'],
        groups: ['g-1', 'g-2'],
      },
      delegation: [{ id: 'app-1', type: 'service', mechanism: 'on_behalf_of' }],
      credential: {
        id: 'uti-1',
        type: 'public_client',
        issuer: claims.iss,
        scopes: ['user_impersonation'],
        mfa: true,
      },
      outcome: { result: 'success', code: 'Succeeded.Created' },
      targets: [
        {
          id: granted.resourceId.toLowerCase(),
          name: 'ra-1',
          type: 'microsoft.authorization/roleassignments',
        },
      ],
      scope: [
        { type: 'tenant', id: 't-1' },
        { type: 'subscription', id: 's-1' },
        { type: 'resource_group', id: 'shop' },
      ],
      source: { ip: '198.51.100.7', port: 50123 },
      request: { correlation_id: 'c-1' },
      // As it was written: Azure's names have no case, the event's are small.
      unmapped: { resourceId: granted.resourceId, durationMs: '12' },
    })
  })

  test('what is the same compares as the same, however it is written', () => {
    const other = {
      ...granted,
      resourceId: granted.resourceId.toLowerCase(),
      operationName: 'Microsoft.Authorization/roleAssignments/write',
    }
    const [one, two] = [activity(granted), activity(other)]
    expect([one.action, one.scope]).toEqual([two.action, two.scope])
    expect(one.targets).toMatchObject([{ id: other.resourceId }])
  })

  test('an application that signed in as itself is no hop behind itself', () => {
    const { [upn]: _, [scp]: _scope, ...rest } = claims
    const event = activity({ ...granted, identity: { claims: { ...rest, idtyp: 'app', appidacr: '2' } } })
    expect(event).toMatchObject({
      actor: { id: 'oid-1', type: 'service' },
      credential: { type: 'certificate' },
    })
    expect(event).not.toHaveProperty('delegation')
  })

  test.each([
    [{ resultType: 'Success' }, 'success'],
    [{ resultType: 'Succeeded' }, 'success'],
    [{ resultType: 'Failure', resultSignature: 'Failed.Forbidden' }, 'denied'],
    [{ resultType: 'Failed', resultSignature: 'Failed.Conflict' }, 'failure'],
    [{ resultType: 'Start', resultSignature: 'Started.' }, 'unknown'],
    [{ resultType: 'Accept', resultSignature: 'Accepted.Created' }, 'unknown'],
    [{ resultType: 'Success', resultSignature: '403' }, 'denied'],
    [{ resultType: '0', resultSignature: undefined }, 'success'],
  ])('%j is %s', (more, result) => {
    expect(activity({ ...granted, ...more })).toMatchObject({ outcome: { result } })
  })

  test.each([
    ['198.51.100.7', '198.51.100.7', undefined],
    ['198.51.100.7:443', '198.51.100.7', 443],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['[2001:db8::1]:443', '2001:db8::1', 443],
  ])('address %s', (callerIpAddress, ip, port) => {
    const { source } = activity({ ...granted, callerIpAddress })
    expect(source).toEqual(port === undefined ? { ip } : { ip, port })
  })

  test.each([
    [
      '/subscriptions/s-1',
      'subscription',
      [
        ['tenant', 't-1'],
        ['subscription', 's-1'],
      ],
    ],
    [
      '/subscriptions/s-1/resourceGroups/Rg',
      'resource_group',
      [
        ['tenant', 't-1'],
        ['subscription', 's-1'],
        ['resource_group', 'rg'],
      ],
    ],
    [
      '/subscriptions/S-1/providers/Microsoft.Security/pricings/VMs',
      'microsoft.security/pricings',
      [
        ['tenant', 't-1'],
        ['subscription', 's-1'],
      ],
    ],
    ['/tenants/t-1/providers/Microsoft.aadiam', 'resource', [['tenant', 't-1']]],
  ])('%s', (resourceId, type, scope) => {
    expect(activity({ ...granted, resourceId })).toMatchObject({
      targets: [{ id: resourceId.toLowerCase(), type }],
      scope: scope.map(([kind, id]) => ({ type: kind, id })),
    })
  })

  test('a batch of Event Hubs, and an event of the REST API', () => {
    const batch = eventsIn('azure_activity', `${JSON.stringify({ records: [granted, granted] })}\n`)
    expect(batch).toMatchObject([{ provenance: { index: 0 } }, { provenance: { index: 1 } }])
    const rest = {
      eventDataId: 'ed-1',
      eventTimestamp: '2026-11-23T11:00:00.1234567Z',
      operationName: { value: 'Microsoft.Compute/virtualMachines/delete', localizedValue: 'Delete' },
      status: { value: 'Failed', localizedValue: 'Failed' },
      subStatus: { value: 'Forbidden' },
      caller: 'ann@example.com',
      claims,
      resourceId: granted.resourceId,
      subscriptionId: 's-1',
      resourceGroupName: 'Shop',
      category: { value: 'Administrative' },
      correlationId: 'c-1',
      operationId: 'o-1',
    }
    expect(activity(rest)).toMatchObject({
      source_event_id: 'ed-1',
      action: 'microsoft.compute/virtualmachines/delete',
      operation: 'delete',
      actor: { id: 'oid-1', email: 'ann@example.com', type: 'user' },
      outcome: { result: 'denied', code: 'Forbidden' },
      request: { id: 'o-1', correlation_id: 'c-1' },
    })
  })
})

const signIn = {
  time: '2026-11-23T11:00:00.1234567Z',
  resourceId: '/tenants/t-1/providers/Microsoft.aadiam',
  operationName: 'Sign-in activity',
  operationVersion: '1.0',
  category: 'SignInLogs',
  tenantId: 't-1',
  resultType: '0',
  callerIpAddress: '198.51.100.7',
  correlationId: 'c-1',
  Level: 4,
  properties: {
    id: 'si-1',
    createdDateTime: '2026-11-23T10:59:59.9Z',
    userId: 'oid-1',
    userPrincipalName: 'ann@example.com',
    userDisplayName: 'Ann',
    homeTenantId: 'home-1',
    appId: 'app-1',
    appDisplayName: 'Shell',
    resourceId: 'res-1',
    resourceDisplayName: 'Graph',
    resourceServicePrincipalId: 'sp-9',
    authenticationRequirement: 'multiFactorAuthentication',
    uniqueTokenIdentifier: 'uti-1',
    sessionId: 'sess-1',
    deviceDetail: { deviceId: 'dev-1', browser: 'Edge' },
    autonomousSystemNumber: 64500,
    location: { city: 'Oslo', countryOrRegion: 'NO', geoCoordinates: { latitude: 59.9, longitude: 10.7 } },
    userAgent: 'Edge/130',
    status: { errorCode: 0 },
  },
}

test.each([
  ['PutBlob', 'data'],
  ['SetBlobTier', 'data'],
  ['GetFile', 'data'],
  ['Restart', 'configuration'],
])('%s without a category is %s', (operationName, category) => {
  const { category: _, ...bare } = granted
  expect(activity({ ...bare, operationName })).toMatchObject({ category })
})

describe('azure_signin', () => {
  test('who signed in, with what, from where, to what', () => {
    expect(entra(signIn)).toMatchObject({
      source_event_id: 'si-1',
      action: 'SignInLogs:Sign-in activity',
      operation: 'login',
      category: 'authentication',
      actor: { id: 'oid-1', name: 'Ann', email: 'ann@example.com', type: 'user', tenant: 'home-1' },
      credential: { id: 'uti-1' },
      session: { id: 'sess-1' },
      outcome: { result: 'success', code: '0' },
      targets: [
        { type: 'application', id: 'res-1', name: 'Graph', attributes: { service_principal: 'sp-9' } },
      ],
      scope: [{ type: 'tenant', id: 't-1' }],
      source: {
        ip: '198.51.100.7',
        application: 'Shell',
        device_id: 'dev-1',
        asn: 64500,
        user_agent: 'Edge/130',
        geo: { city: 'Oslo', country: 'NO', latitude: 59.9, longitude: 10.7 },
      },
    })
  })

  const step = (requirement: string, detail: string, succeeded: boolean) => ({
    authenticationStepRequirement: requirement,
    authenticationStepResultDetail: detail,
    succeeded,
  })
  const password = step('Primary authentication', 'Correct password', true)

  test.each([
    [{}, undefined],
    [{ authenticationRequirement: 'singleFactorAuthentication' }, false],
    [{ authenticationDetails: [password] }, undefined],
    [{ authenticationDetails: [password, step('Multi-factor authentication', '', true)] }, true],
    [{ authenticationDetails: [password, step('multiFactorAuthentication', '', false)] }, undefined],
    [
      {
        authenticationDetails: [
          password,
          step('multiFactorAuthentication', 'MFA denied; no reply', false),
          step('multiFactorAuthentication', 'MFA completed in Azure AD', true),
        ],
      },
      true,
    ],
    [
      {
        authenticationDetails: JSON.stringify([
          step('', 'MFA requirement satisfied by claim in the token', true),
        ]),
      },
      true,
    ],
    [{ mfaDetail: { authMethod: 'Text message' } }, true],
    [{ mfaDetail: { authMethod: 'Text message' }, status: { errorCode: 500121 } }, undefined],
    [
      { status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim in the token' } },
      true,
    ],
    [{ status: { errorCode: 0, additionalDetails: 'MFA required' } }, undefined],
  ])('a second factor is what was shown, not what was asked for: %j', (properties, mfa) => {
    const all = { ...signIn.properties, ...properties }
    const event = entra({ ...signIn, resultType: String(all.status.errorCode), properties: all })
    expect((event.credential as { mfa?: boolean }).mfa).toBe(mfa)
  })

  test('a service principal, with a key', () => {
    const properties = {
      id: 'si-2',
      servicePrincipalId: 'sp-1',
      servicePrincipalName: 'backup',
      appId: 'app-2',
      servicePrincipalCredentialKeyId: 'key-1',
      clientCredentialType: 'clientSecret',
      resourceId: 'res-1',
    }
    const event = entra({
      ...signIn,
      category: 'ServicePrincipalSignInLogs',
      resultType: '7000215',
      properties,
    })
    expect(event).toMatchObject({
      actor: { id: 'sp-1', name: 'backup', type: 'service', alt_ids: ['app-2'] },
      credential: { id: 'key-1', type: 'clientSecret' },
      outcome: { result: 'failure', code: '7000215' },
    })
    expect(event).not.toHaveProperty('source.application')
  })

  test.each([
    ['0', 'success'],
    [0, 'success'],
    ['50126', 'failure'],
    ['53003', 'denied'],
    ['50074', 'unknown'],
  ])('result %j is %s', (resultType, result) => {
    expect(entra({ ...signIn, resultType })).toMatchObject({ outcome: { result } })
  })

  const change = {
    ...signIn,
    category: 'AuditLogs',
    operationName: 'Add member to role',
    resultType: '',
    properties: {
      id: 'Directory_1',
      category: 'RoleManagement',
      operationType: 'Assign',
      result: 'success',
      activityDateTime: '2026-11-23T11:00:00Z',
      initiatedBy: { user: { id: 'oid-1', userPrincipalName: 'ann@example.com', ipAddress: '203.0.113.9' } },
      targetResources: [
        {
          id: 'oid-2',
          type: 'User',
          userPrincipalName: 'bob@example.com',
          modifiedProperties: [
            { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Admin"' },
          ],
        },
        { id: 'role-1', type: 'Role' },
      ],
    },
  }

  test('what Microsoft Graph says of the same sign-in, or change, is the same event', () => {
    const graph = eventOf('entra_graph')
    const facts = ({
      action,
      operation,
      category,
      actor,
      credential,
      session,
      outcome,
      targets,
      changes,
    }: Event) => ({
      action,
      operation,
      category,
      actor,
      credential,
      session,
      outcome,
      targets,
      changes,
    })
    expect(facts(graph({ ...signIn.properties, signInEventTypes: ['interactiveUser'] }))).toEqual(
      facts(entra(signIn)),
    )
    const activityDisplayName = change.operationName
    expect(facts(graph({ ...change.properties, activityDisplayName }))).toEqual(facts(entra(change)))
  })

  test.each([
    [{ signInEventTypes: ['nonInteractiveUser'] }, 'NonInteractiveUserSignInLogs'],
    [{ signInEventTypes: ['managedIdentity'] }, 'ManagedIdentitySignInLogs'],
    [{ isInteractive: false }, 'NonInteractiveUserSignInLogs'],
    [{}, 'SignInLogs'],
  ])('Graph: a sign-in with %j is of %s', (more, log) => {
    const event = eventOf('entra_graph')({ ...signIn.properties, ...more })
    expect(event.action).toBe(`${log}:Sign-in activity`)
  })

  test('a change of the directory: by whom, to whom, from what to what', () => {
    expect(entra(change)).toMatchObject({
      action: 'AuditLogs:Add member to role',
      operation: 'grant',
      category: 'iam',
      actor: { id: 'oid-1', email: 'ann@example.com', type: 'user' },
      outcome: { result: 'success' },
      targets: [
        { id: 'oid-2', name: 'bob@example.com', type: 'User' },
        { id: 'role-1', type: 'Role' },
      ],
      changes: [{ target: 'oid-2', path: 'Role.DisplayName', new: '"Global Admin"' }],
    })
  })

  test('a change by an application', () => {
    const initiatedBy = { app: { appId: 'app-1', servicePrincipalId: 'sp-1', displayName: 'Sync' } }
    expect(entra({ ...change, properties: { ...change.properties, initiatedBy } })).toMatchObject({
      actor: { id: 'sp-1', name: 'Sync', type: 'service', alt_ids: ['app-1'] },
    })
  })
})

describe.skipIf(!samplesArePresent)('real records', () => {
  test('Activity Log: nearly none of these records says who called; all that do are complete', () => {
    const sampled = sampleEvents('azure_activity', 'azure/events.jsonl')
    expect(sampled.length).toBe(106)
    const says = {
      'actor.id': (record: Readonly<Record<string, unknown>>) =>
        (record.identity as { claims?: unknown } | undefined)?.claims ?? record.caller,
      action: () => 'always',
      targets: () => 'always',
      'outcome.result': (record: Readonly<Record<string, unknown>>) =>
        record.resultType === 'Active' ? undefined : 'said',
    }
    completeness(sampled, says)
    expect(
      completeness(
        sampled.filter(({ record }) => says['actor.id'](record)),
        says,
      ),
    ).toBe(1)
  })

  test('Entra ID', () => {
    const sampled = sampleEvents('azure_signin', 'azure-signin/events.jsonl')
    expect(sampled.length).toBe(23)
    const says = { 'actor.id': () => 'always', action: () => 'always', 'outcome.result': () => 'always' }
    expect(completeness(sampled, says)).toBeGreaterThanOrEqual(0.95)
  })
})
