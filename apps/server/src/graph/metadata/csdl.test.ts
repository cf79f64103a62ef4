import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@sap-ux/edmx-parser'
import { meetingProperties } from '../online-meetings/schema.ts'
import { operations } from '../operations.ts'
import { csdl } from './csdl.ts'

interface Named {
  name: string
}

test('an OData client reads the model of both versions', () => {
  for (const version of ['v1.0', 'beta'] as const) {
    const { schema } = parse(csdl(operations, version))
    const meeting = schema.entityTypes.find(({ name }: Named) => name === 'onlineMeeting')
    assert.ok(meeting)
    const names: string[] = meeting.entityProperties.map(({ name }: Named) => name)
    for (const name of meetingProperties) assert.ok(names.includes(name), `${version} ${name}`)
    assert.equal(names.includes('accessLevel'), version === 'beta')
    assert.deepEqual(
      meeting.navigationProperties.map(({ name }: Named) => name),
      ['attendanceReports', 'transcripts', 'recordings'],
    )
    const singletons = schema.singletons.map(({ name }: Named) => name)
    assert.equal(singletons.includes('app'), version === 'beta')
    assert.ok(singletons.includes('me') && singletons.includes('communications'))
    assert.ok(schema.entitySets.some(({ name }: Named) => name === 'users'))
  }
})

test('every type that is named is there', () => {
  for (const version of ['v1.0', 'beta'] as const) {
    const document = csdl(operations, version)
    const declared = new Set([...document.matchAll(/<(?:EntityType|ComplexType|EnumType) Name="(\w+)"/g)].map(([, name]) => name))
    const used = [...document.matchAll(/Type="(?:Collection\()?graph\.(\w+)\)?"/g)].map(([, name]) => name!)
    for (const name of used) assert.ok(declared.has(name), `${version} ${name}`)
    assert.ok(!document.includes('Edm.Untyped'))
  }
})

test('enumerations have the values of Graph', () => {
  assert.match(csdl(operations, 'v1.0'), /<EnumType Name="lobbyBypassScope">.*<Member Name="invited" Value="5"\/>/)
})
