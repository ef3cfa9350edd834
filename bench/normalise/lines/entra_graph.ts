/** The sign-ins and changes of `azure_signin`, as Microsoft Graph answers them. */
import type { Draw } from '../draw.ts'
import { line as diagnosticLine } from './azure_signin.ts'

export function line(draw: Draw, n: number): string {
  const { properties }: { properties: object } = JSON.parse(diagnosticLine(draw, n))
  return JSON.stringify(properties)
}
