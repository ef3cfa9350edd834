import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const [eventType, message] = draw.pick([
    ['user.session.start', 'User login to Okta'],
    ['user.authentication.sso', 'User single sign on to app'],
    ['group.user_membership.add', 'Add user to group membership'],
    ['policy.evaluate_sign_on', 'Evaluation of sign-on policy'],
  ])
  const place = {
    city: 'Bonn',
    state: 'North Rhine-Westphalia',
    country: 'Germany',
    postalCode: '53111',
    geolocation: { lat: 50.73, lon: 7.1 },
  }
  const ip = draw.ip()
  return JSON.stringify({
    actor: {
      id: `00u${draw.hex(17)}`,
      type: 'User',
      alternateId: `${user}@example.com`,
      displayName: `User ${user}`,
      detailEntry: null,
    },
    client: {
      userAgent: {
        rawUserAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
        os: 'Linux',
        browser: 'FIREFOX',
      },
      zone: 'null',
      device: 'Computer',
      id: null,
      ipAddress: ip,
      geographicalContext: place,
    },
    device: null,
    authenticationContext: {
      authenticationProvider: null,
      credentialProvider: null,
      credentialType: null,
      issuer: null,
      interface: null,
      authenticationStep: 0,
      rootSessionId: `idx${draw.hex(20)}`,
      externalSessionId: `idx${draw.hex(20)}`,
    },
    displayMessage: message,
    eventType,
    outcome: draw.oneIn(10)
      ? { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' }
      : { result: 'SUCCESS', reason: null },
    published: draw.timestamp(n, 3),
    securityContext: {
      asNumber: 64_500,
      asOrg: 'example',
      isp: 'example',
      domain: 'example.com',
      isProxy: false,
    },
    severity: 'INFO',
    debugContext: {
      debugData: { requestId: draw.hex(32), requestUri: '/api/v1/authn', url: '/api/v1/authn?' },
    },
    legacyEventType: 'core.user_auth.login_success',
    transaction: { type: 'WEB', id: draw.hex(32), detail: {} },
    uuid: draw.uuid(),
    version: '0',
    request: { ipChain: [{ ip, geographicalContext: place, version: 'V4', source: null }] },
    target: [
      {
        id: `0oa${draw.hex(17)}`,
        type: 'AppInstance',
        alternateId: 'Billing',
        displayName: 'Billing',
        detailEntry: null,
      },
    ],
  })
}
