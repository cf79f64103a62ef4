import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replacements } from './livekit.mjs'

test('replacements are found alone and in blocks, without comments', () => {
  const goMod = `module x

go 1.26

replace a/b => c/d v1.2.3 // why

replace (
	e/f v1 => g/h v2
	// replace no => no
	i => ../j
)
require replace/me v1
`
  assert.deepEqual(replacements(goMod), ['replace a/b => c/d v1.2.3', 'replace e/f v1 => g/h v2', 'replace i => ../j'])
  assert.deepEqual(replacements('module x\nrequire (\n a v1\n)\n'), [])
})
