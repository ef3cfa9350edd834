/** Everything that is fuzzed, by name. */
import { audit } from './audit.ts'
import { block } from './block.ts'
import { decoders } from './decoders.ts'
import { gzip } from './gzip.ts'
import { http } from './http.ts'
import { input } from './input.ts'
import { kubernetesAudit } from './kubernetes-audit.ts'
import { lines } from './lines.ts'
import { multiline } from './multiline.ts'
import { otlp } from './otlp.ts'
import { pods } from './pods.ts'
import { splunkHec } from './splunk-hec.ts'
import { syslog } from './syslog.ts'
import type { FuzzTarget } from './target.ts'

export const targets: Readonly<Record<string, FuzzTarget>> = {
  audit,
  block,
  decoders,
  gzip,
  http,
  input,
  kubernetes_audit: kubernetesAudit,
  lines,
  multiline,
  otlp,
  pods,
  syslog,
  splunk_hec: splunkHec,
}
