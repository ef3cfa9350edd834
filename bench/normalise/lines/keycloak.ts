import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const time = draw.timestamp(n, 3).replace('T', ' ').replace('.', ',').slice(0, 23)
  const failed = draw.oneIn(6)
  const kind = draw.pick(['LOGIN', 'CODE_TO_TOKEN', 'REFRESH_TOKEN', 'LOGOUT'])
  const fields = [
    `type="${failed ? `${kind}_ERROR` : kind}"`,
    'realmId="shop"',
    `clientId="${draw.pick(['web', 'app', 'admin-cli'])}"`,
    `userId="${draw.uuid()}"`,
    `ipAddress="${draw.ip()}"`,
    ...(failed ? ['error="invalid_user_credentials"'] : [`sessionId="${draw.uuid()}"`]),
    'auth_method="openid-connect"',
    'redirect_uri="https://shop.example/"',
    `code_id="${draw.uuid()}"`,
    `username="${draw.user()}"`,
  ]
  return `${time} ${failed ? 'WARN ' : 'DEBUG'} [org.keycloak.events] (executor-thread-${draw.int(30)}) ${fields.join(', ')}`
}

export const fields = (text: string): unknown => text.split(', ').map((pair) => pair.split('='))
