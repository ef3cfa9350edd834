/** Uploads in parts to the bucket of the tests. */
import type { IncomingHttpHeaders } from 'node:http'
import { errorText, type StoredObject } from './bucket.ts'

export interface UploadRequest {
  readonly method: string | undefined
  readonly url: URL
  readonly key: string
  readonly body: Buffer
  readonly headers: IncomingHttpHeaders
  /** An object is there, and it must not be overwritten. */
  readonly exists: boolean
}

interface UploadAnswer {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
  readonly object?: StoredObject
}

interface Upload {
  readonly key: string
  readonly headers: IncomingHttpHeaders
  readonly parts: Map<number, { readonly body: Buffer; readonly headers: IncomingHttpHeaders }>
}

export class BucketUploads {
  readonly open = new Map<string, Upload>()
  #next = 1

  begin(key: string, headers: IncomingHttpHeaders = {}): string {
    const id = `upload-${this.#next++}`
    this.open.set(id, { key, headers, parts: new Map() })
    return id
  }

  /** Undefined where the request is about something else. */
  serve({ method, url, key, body, headers, exists }: UploadRequest): UploadAnswer | undefined {
    const query = url.searchParams
    const id = query.get('uploadId') ?? ''
    if (query.has('uploads'))
      return method === 'GET'
        ? this.#list(query.get('prefix') ?? '', key.replace(/\/$/, ''))
        : this.#create(key, headers)
    if (id === '') return undefined
    const upload = this.open.get(id)
    if (upload === undefined) return { status: 404, text: errorText('NoSuchUpload') }
    switch (method) {
      case 'PUT':
        upload.parts.set(Number(query.get('partNumber')), { body, headers })
        return { status: 200, text: '', headers: { etag: `"part-${query.get('partNumber')}"` } }
      case 'DELETE':
        this.open.delete(id)
        return { status: 204, text: '' }
      default:
        return exists ? { status: 412, text: errorText('PreconditionFailed') } : this.#complete(id, upload)
    }
  }

  #create(key: string, headers: IncomingHttpHeaders): UploadAnswer {
    const id = this.begin(key, headers)
    return {
      status: 200,
      text: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    }
  }

  #list(prefix: string, bucket: string): UploadAnswer {
    const found = [...this.open].filter(([, { key }]) => key.startsWith(`${bucket}/${prefix}`))
    const texts = found.map(
      ([id, { key }]) =>
        `<Upload><Key>${key.slice(bucket.length + 1)}</Key><UploadId>${id}</UploadId></Upload>`,
    )
    return {
      status: 200,
      text: `<ListMultipartUploadsResult>${texts.join('')}</ListMultipartUploadsResult>`,
    }
  }

  #complete(id: string, { headers, parts }: Upload): UploadAnswer {
    this.open.delete(id)
    const body = Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, { body: bytes }]) => bytes))
    return {
      status: 200,
      text: `<CompleteMultipartUploadResult><ETag>"f-${parts.size}"</ETag></CompleteMultipartUploadResult>`,
      object: { body, headers },
    }
  }
}
