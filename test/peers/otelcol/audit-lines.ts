/** JSON audit lines for the `json` preset, with all that a sink can get wrong in them. */

const texts = [
  'plain',
  'ü 漢 🙂 é',
  '"quoted" \\ / \b\f\n\r\t\u0001\u007f',
  '\u2028\u2029\ufeff',
  '</script><!-- & %00 +',
  ' ',
]
const outcomes = ['success', 'failure', 'denied', undefined]
const levels = ['debug', 'info', 'warn', 'error', undefined]

/** `n` is in each as a number; `filling`: so many characters more. */
function auditLine(n: number, filling = 0): string {
  const hex = (digits: number) => (n + 1).toString(16).padStart(digits, '0')
  const nanoseconds = String((n * 7_919) % 1_000_000_000).padStart(9, '0')
  return JSON.stringify({
    ts: `2026-05-01T10:${String(n % 60).padStart(2, '0')}:00.${nanoseconds}Z`,
    level: levels[n % levels.length],
    action: n % 2 === 0 ? 'invoice.approve' : 'user.login',
    user: { id: `u_${n % 97}`, type: 'user' },
    invoice: `inv_${n}`,
    outcome: outcomes[n % outcomes.length],
    ...(n % 3 === 0 && { trace_id: hex(32), span_id: hex(16) }),
    ...(n % 5 === 0 && { service: `svc-${n % 4}`, host: `web-${n % 4}`, version: '1.2.3', region: 'eu' }),
    n,
    text: texts[n % texts.length],
    fraction: n / 7,
    edge: [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e21, 5e-324, 0.1, null, true, [], {}, [[1]]],
    members: { 10: 'ten', 9: 'nine', __proto: 1, 'a b': { ä: 'ö' } },
    filling: 'x'.repeat(filling),
  })
}

export const auditLines = (from: number, to: number, filling = 0): string =>
  Array.from({ length: to - from }, (_, index) => `${auditLine(from + index, filling)}\n`).join('')
