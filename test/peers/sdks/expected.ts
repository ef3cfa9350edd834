/** What a record of the programs must have become. */

const start = 1_795_431_600_000_000_000n
const hex = (n: number) => (n + 1).toString(16).padStart(16, '0')

function timeOf(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}

const recordId = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Attributes that no member of the schema stands for. Whole numbers that JSON readers would round are texts, bytes base64. */
const attributes = (n: number) => ({
  unicode: 'Zoë 🧾 \u2028 \u0000',
  blank: '',
  allowed: n % 2 === 0,
  index: n,
  negative: -n - 1,
  large: String(9_007_199_254_740_993n + BigInt(n)),
  smallest: '-9223372036854775808',
  largest: '9223372036854775807',
  amount: n + 0.25,
  tiny: Number.MIN_VALUE,
  huge: Number.MAX_VALUE,
  payload: Buffer.from([n & 0xff, 0, 255]).toString('base64'),
  tags: ['a', 'b', String(n)],
  flags: [true, false],
  numbers: [1, -2, '9007199254740993'],
  ratios: [0.5, -2.25],
  mixed: [1, 'two', true, [n], 'AAE='],
  nested: { order: { id: n, lines: [{ sku: 'x', open: true }] } },
})

const rounded = (name: string) => `${name} is an integer beyond 2^53-1, kept as a string`

/** The event of record `n`, but for what differs from run to run. */
export function expectedEvent(n: number) {
  const at = start + BigInt(n) * 1_000_003n
  return {
    schema: 'audit-event/1',
    id: recordId(n),
    source_event_id: recordId(n),
    time: timeOf(at),
    time_source: 'event',
    original_time: String(at),
    category: 'data',
    action: 'order.refund',
    operation: 'execute',
    actor: { id: `u_${n % 97}`, type: 'unknown' },
    scope: [],
    outcome: { result: 'denied' },
    message: `refund ${n}`,
    severity: 13,
    request: { trace_id: `5b8efff798038103${hex(n)}`, span_id: hex(n) },
    producer: { product: 'orders', version: '1.2.3' },
    attribution: { complete: false, missing: ['targets'] },
    quality: {
      parse: 'ok',
      warnings: [
        ...['large', 'largest'].map(rounded),
        'mixed is bytes, kept as base64',
        rounded('numbers'),
        'payload is bytes, kept as base64',
        rounded('smallest'),
      ],
    },
    unmapped: {
      attributes: attributes(n),
      event_name: 'order.refund',
      flags: 1,
      observed_timestamp: String(at + 1500n),
      resource: { shard: 7 },
      scope: { name: 'audit', version: '0.3.0', schema_url: 'https://example.com/audit/1' },
      severity_text: 'Warnung',
    },
  }
}
