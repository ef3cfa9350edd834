import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const group = draw.pick(['web', 'billing', 'shared'])
  const operation = draw.pick([
    'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/DELETE',
  ])
  const resourceId = `/SUBSCRIPTIONS/0F1E2D3C-0000-4000-8000-000000000001/RESOURCEGROUPS/${group.toUpperCase()}/PROVIDERS/${operation.split('/').slice(0, 2).join('/')}/R${draw.int(1e4)}`
  const user = `${draw.user()}@example.com`
  return JSON.stringify({
    time: draw.timestamp(n, 7),
    resourceId,
    operationName: operation,
    category: 'Administrative',
    resultType: draw.pick(['Start', 'Success', 'Success', 'Failure']),
    resultSignature: 'Succeeded.OK',
    durationMs: String(draw.int(900)),
    callerIpAddress: draw.ip(),
    correlationId: draw.uuid(),
    identity: {
      authorization: {
        scope: resourceId.toLowerCase(),
        action: operation.toLowerCase(),
        evidence: {
          role: 'Contributor',
          roleAssignmentScope: '/subscriptions/0f1e2d3c-0000-4000-8000-000000000001',
          roleDefinitionId: 'b24988ac',
          principalId: draw.hex(32),
          principalType: 'User',
        },
      },
      claims: {
        aud: 'https://management.core.windows.net/',
        iss: 'https://sts.windows.net/0f1e2d3c-0000-4000-8000-000000000009/',
        appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
        ipaddr: draw.ip(),
        name: `User ${user}`,
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': user,
        'http://schemas.microsoft.com/identity/claims/objectidentifier': draw.uuid(),
        uti: draw.hex(22),
        ver: '1.0',
      },
    },
    level: 'Information',
    properties: {
      eventCategory: 'Administrative',
      entity: resourceId.toLowerCase(),
      message: operation.toLowerCase(),
      hierarchy: '0f1e2d3c-0000-4000-8000-000000000009',
    },
    tenantId: '0f1e2d3c-0000-4000-8000-000000000009',
    location: 'germanywestcentral',
  })
}
