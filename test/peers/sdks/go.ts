import { join } from 'node:path'
import { keep } from '../kept.ts'
import { output, type Sdk } from './sdk.ts'

const folder = join(import.meta.dirname, 'go')
const files = ['main.go', 'go.mod', 'go.sum'].map((name) => join(folder, name))
const env = { GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' }

export const go: Sdk = {
  language: 'Go',
  protocols: ['http/protobuf', 'grpc'],
  async prepare() {
    const build = async (directory: string) => {
      const to = join(directory, 'send')
      await output('go', ['build', '-C', folder, '-mod=readonly', '-trimpath', '-o', to, '.'], env)
    }
    return { file: join(await keep({ name: 'sdk-go', files, build }), 'send'), args: [] }
  },
}
