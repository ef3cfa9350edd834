/** The manifests of deploy/kubernetes as `kubectl kustomize` renders them, and what Kubernetes' own schemas say of them. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { kubectl } from './kubectl.ts'

const run = promisify(execFile)
const checkout = join(import.meta.dirname, '../..')

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
export type Manifest = z.output<typeof object>

/** `directory`: a path below the checkout, or an absolute one. Rejects with what kubectl has against it. */
export async function render(directory: string): Promise<readonly Manifest[]> {
  // A node without a cluster: whatever configuration of kubectl is on this machine is not asked.
  const env = { ...process.env, KUBECONFIG: '/nonexistent' }
  const args = ['kustomize', '--load-restrictor', 'LoadRestrictionsRootOnly', directory]
  const { stdout } = await run(await kubectl(), args, { cwd: checkout, env, maxBuffer: 16 * 1024 ** 2 })
  return parseAllDocuments(stdout).map((document) => object.parse(document.toJS()))
}

const moduleOf = ({ apiVersion, kind }: Manifest) => `kubernetes-models/${apiVersion}/${kind}`

/** What is missing, or not of its type. */
export async function schemaProblems(manifest: Manifest): Promise<string | undefined> {
  const models: Record<string, new (data: unknown) => { validate(): void }> = await import(moduleOf(manifest))
  const Model = models[manifest.kind]
  if (Model === undefined) return `${moduleOf(manifest)} has no ${manifest.kind}`
  try {
    new Model(manifest).validate()
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** What Kubernetes does not know: schemas let it pass, the compiler does not. Its output, empty when there is nothing. */
export async function unknownFields(manifests: readonly Manifest[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-manifests-'))
  try {
    await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'))
    const lines = manifests.map((manifest, i) => {
      const type = `import('${moduleOf(manifest)}').I${manifest.kind}`
      return `export const ${manifest.kind}${i}: ${type} = ${JSON.stringify(manifest)}\n`
    })
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    await writeFile(join(directory, 'manifests.ts'), lines.join(''))
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
    await run(join(checkout, 'node_modules/.bin/tsc'), [...flags, 'manifests.ts'], { cwd: directory })
    return ''
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && error.stdout !== '') return String(error.stdout)
    throw error
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
