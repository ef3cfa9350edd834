import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const id = draw.uuid()
  const ip = draw.ip()
  const failed = draw.oneIn(8)
  return JSON.stringify({
    time: draw.timestamp(n, 7),
    resourceId: '/tenants/0f1e2d3c-0000-4000-8000-000000000009/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: 'SignInLogs',
    tenantId: '0f1e2d3c-0000-4000-8000-000000000009',
    resultType: failed ? '50126' : '0',
    resultSignature: 'None',
    ...(failed ? { resultDescription: 'Invalid username or password' } : {}),
    durationMs: 0,
    callerIpAddress: ip,
    correlationId: draw.uuid(),
    identity: `User ${user}`,
    Level: 4,
    location: 'DE',
    properties: {
      id,
      createdDateTime: draw.timestamp(n, 7),
      userDisplayName: `User ${user}`,
      userPrincipalName: `${user}@example.com`,
      userId: draw.uuid(),
      appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      appDisplayName: draw.pick(['Azure Portal', 'Microsoft Teams', 'Billing']),
      ipAddress: ip,
      status: failed
        ? { errorCode: 50_126, failureReason: 'Invalid username or password' }
        : { errorCode: 0 },
      clientAppUsed: 'Browser',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      deviceDetail: { deviceId: '', operatingSystem: 'Linux', browser: 'Firefox 145.0' },
      location: {
        city: 'Bonn',
        state: 'Nordrhein-Westfalen',
        countryOrRegion: 'DE',
        geoCoordinates: { latitude: 50.73, longitude: 7.1 },
      },
      mfaDetail: {},
      conditionalAccessStatus: 'success',
      isInteractive: true,
      tokenIssuerType: 'AzureAD',
      authenticationRequirement: 'multiFactorAuthentication',
      resourceDisplayName: 'Microsoft Graph',
      resourceId: '00000003-0000-0000-c000-000000000000',
      uniqueTokenIdentifier: draw.hex(22),
    },
  })
}
