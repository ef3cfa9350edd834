import { join } from 'node:path'
import { keep } from '../kept.ts'
import { output, type Sdk } from './sdk.ts'

const folder = join(import.meta.dirname, 'python')
const requirements = join(folder, 'requirements.txt')

export const python: Sdk = {
  language: 'Python',
  protocols: ['http/protobuf', 'http/json', 'grpc'],
  async prepare() {
    const build = async (directory: string) => {
      // Nothing that would be built, or decided, here.
      const how = ['--quiet', '--no-deps', '--only-binary=:all:', '--target', directory]
      await output('python3', ['-m', 'pip', 'install', ...how, '-r', requirements])
    }
    // Some of the packages are compiled for one version.
    const versions = await output('python3', ['--version'])
    const packages = await keep({ name: 'sdk-python', files: [requirements], versions, build })
    return { file: 'python3', args: [join(folder, 'send.py')], env: { PYTHONPATH: packages } }
  },
}
