import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { globSync } from './glob.mjs'
import { root } from './setup.mjs'

const folders = ['apps', 'packages', 'acceptance', 'bench', 'scripts']

/** What a comment cites of docs/contract.md: `B.6`, or a whole part as `D`. */
function citations(comment: string): string[] {
  if (!/\bcontract\b/i.test(comment)) return []
  const sections = comment.match(/\b[A-F]\.\d{1,2}\b/g) ?? []
  const parts = [...comment.matchAll(/\b[Cc]ontract (?:section )?([A-F])\b(?!\.\d)/g)].map((match) => match[1]!)
  return [...sections, ...parts]
}

function commentsOf(source: string): string[] {
  return source.match(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g) ?? []
}

/** The numbers of the headings, in their order. */
function headings(page: string): string[] {
  return [...page.matchAll(/^#{2,3} ([A-F](?:\.\d{1,2})?)\b/gm)].map((match) => match[1]!)
}

test('citations are found in every form that comments use', () => {
  assert.deepEqual(citations('/** As the page has it (contract A.4 to A.6). */'), ['A.4', 'A.6'])
  assert.deepEqual(citations('/** Today (contract B.8, with members of B.11). */'), ['B.8', 'B.11'])
  assert.deepEqual(citations('/** The endpoint (contract D). */'), ['D'])
  assert.deepEqual(citations('// headers of contract section C.'), ['C'])
  assert.deepEqual(citations('/** RFC 3261 section 8.2, B.1 of something else. */'), [])
})

test('every section that a comment cites is a heading of docs/contract.md', () => {
  const known = headings(readFileSync(join(root, 'docs', 'contract.md'), 'utf8'))
  assert.equal(new Set(known).size, known.length, 'a heading is there twice')
  const missing: string[] = []
  let found = 0
  for (const file of globSync(root, folders, /\.(?:tsx?|mts|mjs|css)$/)) {
    if (file === 'scripts/contract.test.ts') continue
    for (const comment of commentsOf(readFileSync(join(root, file), 'utf8')))
      for (const cited of citations(comment)) {
        found++
        if (!known.includes(cited)) missing.push(`${file}: contract ${cited}`)
      }
  }
  assert.deepEqual(missing, [])
  assert.ok(found > 50, `only ${found} citations found: the search is broken`)
})
