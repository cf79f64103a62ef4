import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { operations } from '../operations.ts'
import { openApiDocument } from './document.ts'

type Json = Record<string, unknown>

const document = JSON.parse(JSON.stringify(openApiDocument(operations, 'https://meet.example'))) as Json

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(document))
  assert.deepEqual(result.errors ?? [], [])
  assert.equal(validator.version, '3.1')
})

test('every operation is in it, with its refusals, under an id of its own', () => {
  const paths = document.paths as Record<string, Record<string, { operationId: string; responses: Json }>>
  const ids = new Set<string>()
  for (const { versions, path, method } of operations)
    for (const version of versions) {
      const described = paths[`/${version}${path}`]?.[method.toLowerCase()]
      assert.ok(described, `${method} /${version}${path}`)
      assert.ok(!ids.has(described.operationId), described.operationId)
      ids.add(described.operationId)
      for (const status of ['400', '401', '403', '404', '429']) assert.ok(described.responses[status])
    }
})

test('every reference leads somewhere', () => {
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)]
  assert.ok(names.length > 100)
  const components = document.components as Record<string, Json>
  for (const [, kind, name] of names) assert.ok(components[kind!]?.[name!], `${kind}/${name}`)
})
