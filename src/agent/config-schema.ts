/** The file `schema/affiant.schema.json`, for editors. */
import { editorSchema } from '../config/editor-schema.ts'
import { jsonSchemaOf } from '../config/json-schema.ts'
import { wholeConfig } from './config.ts'

export async function renderConfigSchema(): Promise<string> {
  const { $schema, ...schema } = editorSchema(jsonSchemaOf(await wholeConfig()))
  const heading = { $schema, $id: 'urn:affiant:schema:config', title: 'Affiant configuration' }
  return `${JSON.stringify({ ...heading, ...schema }, null, 2)}\n`
}
