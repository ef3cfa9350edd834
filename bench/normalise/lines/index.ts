/** A maker of lines for each preset; a preset without one fails the check. */
import type { Draw } from '../draw.ts'
import * as aks from './aks.ts'
import * as auditd from './auditd.ts'
import * as azureActivity from './azure_activity.ts'
import * as azureSignin from './azure_signin.ts'
import * as cloudtrail from './cloudtrail.ts'
import * as ecs from './ecs.ts'
import * as entraGraph from './entra_graph.ts'
import * as gcpAudit from './gcp_audit.ts'
import * as github from './github.ts'
import * as json from './json.ts'
import * as keycloak from './keycloak.ts'
import * as kubernetes from './kubernetes.ts'
import * as mongodb from './mongodb.ts'
import * as nginx from './nginx.ts'
import * as nginxJson from './nginx_json.ts'
import * as ocsf from './ocsf.ts'
import * as okta from './okta.ts'
import * as otlp from './otlp.ts'
import * as pgaudit from './pgaudit.ts'
import * as pgauditJson from './pgaudit_json.ts'
import * as pgauditStderr from './pgaudit_stderr.ts'
import * as plain from './plain.ts'
import * as syslog from './syslog.ts'
import * as vault from './vault.ts'

export interface LineMaker {
  /** Record `n`; several lines where a format's record has several. */
  readonly line: (draw: Draw, n: number) => string
  /**
   * The reference of a format that is not JSON: one record's text taken apart into its fields, in the plainest way that
   * JavaScript has for it. Without one the reference is JSON.parse.
   */
  readonly fields?: (text: string) => unknown
  /** Why the check lets it be slower than others may be. */
  readonly slower?: string
}

export const lineMakers: Readonly<Record<string, LineMaker>> = {
  aks,
  auditd,
  azure_activity: azureActivity,
  azure_signin: azureSignin,
  cloudtrail,
  ecs,
  entra_graph: entraGraph,
  gcp_audit: gcpAudit,
  github,
  json,
  keycloak,
  kubernetes,
  mongodb,
  nginx,
  nginx_json: nginxJson,
  ocsf,
  okta,
  otlp,
  pgaudit,
  pgaudit_json: pgauditJson,
  pgaudit_stderr: pgauditStderr,
  plain,
  syslog,
  vault,
}
