/** Which sinks are measured, and how: what a user would write, with nothing switched off. */
import type { SinkPass } from './sink-pass.ts'

/** Of objects: the sink's default, and what gzip alone is measured at. */
export const gzipLevel = 6

type Sink = SinkPass['sinks'][number]

const http: Sink = ({ url }) => ({ type: 'http', url })
const gzippedHttp: Sink = ({ url }) => ({ type: 'http', url, compression: 'gzip' })
const file: Sink = ({ path }) => ({ type: 'file', path })
const s3: Sink = ({ url }) => ({
  type: 's3',
  bucket: 'bench',
  endpoint: url,
  credentials: { access_key: 'bench', secret_key: 'bench' },
  compression_level: gzipLevel,
})
const otlp: Sink = ({ url }) => ({ type: 'otlp', url })
const splunk: Sink = ({ url }) => ({ type: 'splunk_hec', url, token: 'bench' })
/** 100,000 events a second that wait for half a second each are 50,000 under way: some fifty batches of the default size. */
const patientHttp: Sink = ({ url }) => ({ type: 'http', url, concurrency: 128 })

export const passes = {
  http: { name: 'http, 1 core', cores: '0', sinks: [http] },
  gzippedHttp: { name: 'http, gzip -1, 1 core', cores: '0', sinks: [gzippedHttp] },
  file: { name: 'file, 1 core', cores: '0', sinks: [file] },
  s3: { name: 's3, gzip -6, 1 core', cores: '0', sinks: [s3], destination: { answer: 's3' } },
  s3OnTwo: { name: 's3, gzip -6, 2 cores', cores: '0,1', sinks: [s3], destination: { answer: 's3' } },
  otlp: { name: 'otlp, gzip -1, 1 core', cores: '0', sinks: [otlp], destination: { answer: 'otlp' } },
  splunk: {
    name: 'splunk_hec, gzip -1, 1 core',
    cores: '0',
    sinks: [splunk],
    destination: { answer: 'splunk_hec' },
  },
  slow: {
    name: 'http, answers after 500 ms, 1 core',
    cores: '0',
    sinks: [patientHttp],
    destination: { delay: 500 },
  },
  four: { name: 'four http, 1 core', cores: '0', sinks: [http, http, http, http] },
  fourGzipped: {
    name: 'four http, gzip -1, 1 core',
    cores: '0',
    sinks: [gzippedHttp, gzippedHttp, gzippedHttp, gzippedHttp],
  },
} as const satisfies Record<string, SinkPass>
