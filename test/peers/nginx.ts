/** nginx on this machine: TLS that wants a client's certificate, a proxy, and files written by PUT. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../e2e/until.ts'
import { makeCertificate, type Pair } from './certificates.ts'
import { accepts, freePort } from './ports.ts'
import { readLines } from './read-lines.ts'

export interface Nginx extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly origin: string
  readonly server: Pair
  /** Whom it knows, and somebody else. */
  readonly client: Pair
  readonly stranger: Pair
  /** What was PUT under `/dav/`. */
  readonly files: string
  /** The lines in the bodies of all requests to `/kept` that it has answered with 204. */
  kept(): Promise<string[]>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Where Debian puts it is not on everybody's PATH. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

/** Debian's package; in CI its absence is an error, elsewhere a reason to skip. */
export function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore', env })
    return true
  } catch (error) {
    if (process.env.CI) throw error
    process.stderr.write('skipped: nginx is not installed\n')
    return false
  }
}

/** `upstream`: where `/audit` is passed on to. Not started yet. */
export async function prepareNginx(upstream: string): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-nginx-'))
  const [server, client, stranger] = await Promise.all(
    ['server', 'client', 'stranger'].map((name) => makeCertificate(directory, name)),
  )
  if (!server || !client || !stranger) throw new Error('certificates are missing')
  const port = await freePort()
  const files = join(directory, 'files')
  await writeFile(
    join(directory, 'nginx.conf'),
    settings({ directory, files, port, upstream, server, client }),
  )
  let child: ChildProcess | undefined

  const nginx: Nginx = {
    origin: `https://127.0.0.1:${port}`,
    server,
    client,
    stranger,
    files,
    kept: async () => (await Array.fromAsync(readLines(join(directory, 'kept')))).filter(Boolean),
    async start() {
      const started = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], {
        stdio: 'ignore',
        env,
      })
      child = started
      await until('nginx listens', async () => {
        if (started.exitCode !== null) throw new Error(await readFile(join(directory, 'error.log'), 'utf8'))
        return accepts(port)
      })
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      child = undefined
    },
    async [Symbol.asyncDispose]() {
      await nginx.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return nginx
}

interface Settings {
  readonly directory: string
  readonly files: string
  readonly port: number
  readonly upstream: string
  readonly server: Pair
  readonly client: Pair
}

/** As in its documentation, but all in one directory and in the foreground. Bodies over 1 MiB are its 413, by default. */
function settings({ directory, files, port, upstream, server, client }: Settings): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  )
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/error.log;
    events { }
    http {
      access_log off; ${paths.join(' ')}
      log_format bodies escape=none '$request_body'; map $status $taken { 204 1; default 0; }
      server { listen unix:${directory}/taken; client_max_body_size 0; return 204; }
      server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${server.cert}; ssl_certificate_key ${server.key};
        ssl_client_certificate ${client.cert}; ssl_verify_client on;
        location /audit { proxy_pass ${upstream}; }
        location /kept {
          client_max_body_size 4m; client_body_buffer_size 4m; client_body_in_single_buffer on;
          proxy_pass http://unix:${directory}/taken; access_log ${directory}/kept bodies if=$taken;
        }
        location /dav/ { alias ${files}/; dav_methods PUT; create_full_put_path on; }
      }
    }`
}
