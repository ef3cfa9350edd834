/**
 * Writes and deletions by people through the portal, and by applications: few callers, each from its own address and at
 * work on resources of its own, as a subscription's log has them.
 */
import type { Draw } from '../draw.ts'

const calls = [
  ['Microsoft.Storage/storageAccounts', 'write'],
  ['Microsoft.Storage/storageAccounts', 'listKeys/action'],
  ['Microsoft.Compute/virtualMachines', 'delete'],
  ['Microsoft.Network/networkSecurityGroups', 'write'],
  ['Microsoft.Authorization/roleAssignments', 'write'],
  ['Microsoft.KeyVault/vaults', 'write'],
] as const
const subscriptions = ['1f0a1b2c-0000-4000-8000-00000000000a', '2f0a1b2c-0000-4000-8000-00000000000b']
const tenant = '3f0a1b2c-0000-4000-8000-00000000000c'

const callers = 40
/** Resources of one caller. */
const habits = 3

function claims(draw: Draw, at: number): object {
  const id = `4f0a1b2c-0000-4000-8000-${String(at).padStart(12, '0')}`
  const shared = {
    aud: 'https://management.azure.com/',
    iss: `https://sts.windows.net/${tenant}/`,
    appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    uti: draw.hex(22),
    ver: '1.0',
    'http://schemas.microsoft.com/identity/claims/objectidentifier': id,
    'http://schemas.microsoft.com/identity/claims/tenantid': tenant,
  }
  if (at % 3 === 0) return { ...shared, appidacr: '1', idtyp: 'app' }
  const name = `user${at}`
  return {
    ...shared,
    appidacr: '2',
    name,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': `${name}@example.com`,
    'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
    'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd,mfa',
  }
}

export function line(draw: Draw, n: number): string {
  const at = draw.int(callers)
  const own = at * habits + draw.int(habits)
  const [type, verb] = calls[own % calls.length]!
  const group = `${['shop', 'payments', 'network', 'data'][own % 4]!}-rg`
  const resourceId = `/subscriptions/${subscriptions[own % 2]!}/resourceGroups/${group}/providers/${type}/res${own}`
  const failed = draw.oneIn(15)
  return JSON.stringify({
    time: draw.timestamp(n, 7),
    resourceId,
    operationName: `${type}/${verb}`.toUpperCase(),
    category: 'Administrative',
    resultType: failed ? 'Failure' : draw.pick(['Start', 'Success']),
    resultSignature: failed ? 'Failed.Forbidden' : 'Succeeded.OK',
    durationMs: String(draw.int(1000)),
    callerIpAddress: `198.51.100.${at}`,
    correlationId: draw.uuid(),
    identity: {
      authorization: {
        scope: resourceId,
        action: `${type}/${verb}`,
        evidence: { role: 'Contributor', principalType: 'User' },
      },
      claims: claims(draw, at),
    },
    level: failed ? 'Error' : 'Information',
    location: 'global',
    properties: {
      statusCode: failed ? 'Forbidden' : 'OK',
      serviceRequestId: draw.uuid(),
      eventCategory: 'Administrative',
    },
    tenantId: tenant,
  })
}
