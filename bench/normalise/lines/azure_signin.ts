/** Sign-ins of people and of service principals, and now and then a change of the directory. */
import type { Draw } from '../draw.ts'

const tenant = '3f0a1b2c-0000-4000-8000-00000000000c'
const applications = [
  ['c44b4083-3bb0-49c1-b47d-974e53cbdf3c', 'Azure Portal'],
  ['00000002-0000-0ff1-ce00-000000000000', 'Office 365 Exchange Online'],
  ['14d82eec-204b-4c2f-b7e8-296a70dab67e', 'Microsoft Graph Command Line Tools'],
] as const

export function line(draw: Draw, n: number): string {
  const shared = {
    time: draw.timestamp(n, 7),
    resourceId: `/tenants/${tenant}/providers/Microsoft.aadiam`,
    operationVersion: '1.0',
    tenantId: tenant,
    durationMs: 0,
    callerIpAddress: draw.ip(),
    correlationId: draw.uuid(),
    Level: 4,
  }
  const user = draw.user()
  if (draw.oneIn(10)) {
    return JSON.stringify({
      ...shared,
      operationName: 'Add member to role',
      category: 'AuditLogs',
      resultSignature: 'None',
      properties: {
        id: `Directory_${draw.hex(24)}`,
        category: 'RoleManagement',
        correlationId: draw.uuid(),
        result: 'success',
        activityDisplayName: 'Add member to role',
        activityDateTime: draw.timestamp(n, 7),
        operationType: 'Assign',
        initiatedBy: {
          user: {
            id: draw.uuid(),
            userPrincipalName: `${user}@example.com`,
            ipAddress: draw.ip(),
            roles: [],
          },
        },
        targetResources: [
          {
            id: draw.uuid(),
            type: 'User',
            userPrincipalName: `${draw.user()}@example.com`,
            modifiedProperties: [],
          },
        ],
      },
    })
  }
  const [appId, appDisplayName] = draw.pick(applications)
  const errorCode = draw.oneIn(10) ? 50126 : 0
  return JSON.stringify({
    ...shared,
    operationName: 'Sign-in activity',
    category: draw.pick(['SignInLogs', 'NonInteractiveUserSignInLogs']),
    resultType: String(errorCode),
    resultSignature: 'None',
    location: 'NO',
    properties: {
      id: draw.uuid(),
      createdDateTime: draw.timestamp(n, 7),
      userDisplayName: user,
      userPrincipalName: `${user}@example.com`,
      userId: `4f0a1b2c-0000-4000-8000-${String(draw.int(2000)).padStart(12, '0')}`,
      appId,
      appDisplayName,
      ipAddress: draw.ip(),
      status: { errorCode },
      clientAppUsed: 'Browser',
      userAgent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36',
      deviceDetail: { deviceId: '', operatingSystem: 'Windows 11', browser: 'Chrome 130' },
      location: {
        city: 'Oslo',
        state: 'Oslo',
        countryOrRegion: 'NO',
        geoCoordinates: { latitude: 59.91, longitude: 10.75 },
      },
      correlationId: draw.uuid(),
      conditionalAccessStatus: 'success',
      isInteractive: true,
      authenticationRequirement: draw.pick(['multiFactorAuthentication', 'singleFactorAuthentication']),
      tokenIssuerType: 'AzureAD',
      riskLevelDuringSignIn: 'none',
      riskState: 'none',
      resourceDisplayName: 'Microsoft Graph',
      resourceId: '00000003-0000-0000-c000-000000000000',
      uniqueTokenIdentifier: draw.hex(22),
      autonomousSystemNumber: 64_500,
    },
  })
}
