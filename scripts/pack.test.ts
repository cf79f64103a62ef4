import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packages, packedManifest } from './pack.mjs'
import { root } from './setup.mjs'

test('a packed manifest names what is compiled and leaves out what is the checkout’s', () => {
  const packed = packedManifest({
    name: '@parley/x',
    version: '1.0.0',
    private: true,
    exports: { '.': './src/index.ts', './a': './src/a/b.ts', './package.json': './package.json' },
    imports: { '#worker': './src/worker.ts' },
    scripts: { test: 'x' },
    publishConfig: { bin: { x: './src/main.ts' } },
    dependencies: { y: '1.0.0' },
    devDependencies: { z: '1.0.0' },
  })
  assert.deepEqual(packed, {
    name: '@parley/x',
    version: '1.0.0',
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './a': { types: './dist/a/b.d.ts', default: './dist/a/b.js' },
      './package.json': './package.json',
    },
    imports: { '#worker': './dist/worker.js' },
    bin: { x: './dist/main.js' },
    dependencies: { y: '1.0.0' },
  })
})

test('every package is private here, says what it takes, and depends on exact versions of the others', () => {
  const manifests = packages.map((folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')))
  const versions = new Map(manifests.map(({ name, version }) => [name, version]))
  for (const { name, private: isPrivate, description, license, files, engines, dependencies = {} } of manifests) {
    assert.equal(isPrivate, true, name)
    assert.ok(description && files?.includes('dist'), name)
    assert.equal(license, 'MIT')
    if (name !== '@parley/web') assert.equal(engines?.node, '>=26', name)
    for (const [needed, version] of Object.entries(dependencies))
      if (versions.has(needed)) assert.equal(version, versions.get(needed), `${name} needs ${needed}`)
  }
})
