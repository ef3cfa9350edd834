import { join } from 'node:path'
import { keep } from '../kept.ts'
import { output, type Sdk } from './sdk.ts'

const folder = join(import.meta.dirname, 'java')
const pom = join(folder, 'pom.xml')
const source = join(folder, 'Send.java')
const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

export const java: Sdk = {
  language: 'Java',
  protocols: ['http/protobuf', 'grpc'],
  async prepare() {
    const build = async (directory: string) => {
      await output('mvn', ['--quiet', '--batch-mode', '-f', pom, copy, `-DoutputDirectory=${directory}`])
      const how = ['-encoding', 'UTF-8', '-cp', join(directory, '*'), '-d', directory]
      await output('javac', [...how, source])
    }
    const versions = await output('javac', ['-version'])
    const directory = await keep({ name: 'sdk-java', files: [pom, source], versions, build })
    return { file: 'java', args: ['-cp', `${directory}:${join(directory, '*')}`, 'Send'] }
  },
}
