/** Sign-ins, and changes by administrators, in the browser and with tokens of the API. */
import type { Draw } from '../draw.ts'

const types = [
  ['user.session.start', 'User login to Okta'],
  ['user.authentication.sso', 'User single sign on to app'],
  ['user.authentication.auth_via_mfa', 'Authentication of user via MFA'],
  ['group.user_membership.add', 'Add user to group membership'],
  ['application.user_membership.remove', 'Remove user from application membership'],
  ['system.api_token.create', 'Create API token'],
] as const

export function line(draw: Draw, n: number): string {
  const [eventType, displayMessage] = draw.pick(types)
  const name = draw.user()
  const failed = draw.oneIn(10)
  const ip = draw.ip()
  const geographicalContext = {
    city: 'Oslo',
    state: 'Oslo',
    country: 'Norway',
    postalCode: '0150',
    geolocation: { lat: 59.91, lon: 10.75 },
  }
  return JSON.stringify({
    actor: {
      id: `00u${draw.int(2000)}`,
      type: 'User',
      alternateId: `${name}@example.com`,
      displayName: name,
      detailEntry: null,
    },
    client: {
      userAgent: {
        rawUserAgent:
          'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36',
        os: 'Mac OS X',
        browser: 'CHROME',
      },
      zone: 'null',
      device: 'Computer',
      id: null,
      ipAddress: ip,
      geographicalContext,
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
      externalSessionId: `trs${draw.hex(20)}`,
    },
    displayMessage,
    eventType,
    outcome: failed
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
    severity: failed ? 'WARN' : 'INFO',
    debugContext: {
      debugData: {
        requestId: draw.hex(24),
        dtHash: draw.hex(64),
        requestUri: '/api/v1/authn',
        url: '/api/v1/authn?',
      },
    },
    legacyEventType: 'core.user_auth.login_success',
    transaction: { type: 'WEB', id: draw.hex(24), detail: {} },
    uuid: draw.uuid(),
    version: '0',
    request: { ipChain: [{ ip, geographicalContext, version: 'V4', source: null }] },
    target: [
      {
        id: `0oa${draw.int(200)}`,
        type: 'AppInstance',
        alternateId: 'Shop',
        displayName: 'Shop',
        detailEntry: { signOnModeType: 'SAML_2_0' },
      },
    ],
  })
}
