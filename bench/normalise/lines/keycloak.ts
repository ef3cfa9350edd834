import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const time = draw.timestamp(n, 3).replace('T', ' ').replace('Z', '').replace('.', ',')
  return `${time} WARN  [org.keycloak.events] (executor-thread-${draw.int(99)}) type="LOGIN_ERROR", realmId="shop", clientId="web", userId="null", ipAddress="${draw.ip()}", error="invalid_user_credentials", auth_method="openid-connect", auth_type="code", redirect_uri="https://shop.example/", code_id="${draw.uuid()}", username="${draw.user()}"`
}

export const fields = (text: string): unknown => text.split(', ').map((pair) => pair.split('='))
